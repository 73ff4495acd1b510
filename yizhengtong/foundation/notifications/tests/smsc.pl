#!/usr/bin/perl
# A short message centre for tests, over Net::SMPP (Debian: libnet-smpp-perl), which others wrote.
# Arguments: port, log file. What the last digit of a destination asks for:
# 1 delivered, 2 throttled the first time, 3 hangs up without an answer, 4 refused, 5 undeliverable,
# 6 the receipt before the answer, 7 busy for the second part the first time, 9 said again until it is noted.
use strict;
use warnings;
use Net::SMPP;

my ($port, $log) = @ARGV;
my $listen = Net::SMPP->new_listen('127.0.0.1', port => $port) or die "cannot listen\n";
$SIG{CHLD} = 'IGNORE';
my $next = $$ * 1000;

sub note {
    open(my $file, '>>', $log) or die;
    syswrite($file, join("\t", @_) . "\n");
    close($file);
}

sub receipt {
    my ($link, $id, $pdu, $state) = @_;
    $link->deliver_sm(
        async => 1, source_addr => $pdu->{destination_addr}, destination_addr => $pdu->{source_addr}, esm_class => 4,
        short_message => "id:$id sub:001 dlvrd:001 submit date:2609180900 done date:2609180901 stat:$state err:000 text:",
    );
}

sub submit {
    my ($link, $pdu, $seen) = @_;
    my $to = $pdu->{destination_addr};
    my $how = substr($to, -1);
    my $udh = $pdu->{esm_class} & 0x40 ? unpack('H*', substr($pdu->{short_message}, 0, 6)) : '';
    note('submit', $to, $pdu->{source_addr}, $pdu->{esm_class}, $pdu->{data_coding}, $pdu->{registered_delivery},
        unpack('H*', $pdu->{short_message}), unpack('H*', $pdu->{message_payload} // ''));
    if ($how eq '3') { note('hung up'); exit 0; }
    if ($how eq '4') { $link->submit_sm_resp(seq => $pdu->{seq}, status => 0x0B, message_id => ''); return; }
    my $key = "$to $udh";
    if (($how eq '2' || ($how eq '7' && $udh =~ /02$/)) && !$seen->{$key}++) {
        $link->submit_sm_resp(seq => $pdu->{seq}, status => 0x58, message_id => '');
        return;
    }
    my $id = sprintf('%08X', ++$next);
    receipt($link, $id, $pdu, 'DELIVRD') if $how eq '6';
    $link->submit_sm_resp(seq => $pdu->{seq}, status => 0, message_id => $id);
    receipt($link, $id, $pdu, 'ENROUTE') if $how eq '1';
    receipt($link, $id, $pdu, 'DELIVRD') if $how =~ /[1279]/;
    receipt($link, $id, $pdu, 'UNDELIV') if $how eq '5';
}

note('ready');
while (1) {
    my $link = $listen->accept or next;
    my $child = fork();
    if ($child) { close($link); next; }
    my %seen;
    while (my $pdu = $link->read_pdu()) {
        my $cmd = $pdu->{cmd};
        if ($cmd == Net::SMPP::CMD_bind_transceiver) {
            my $ok = $pdu->{system_id} eq 'yzt' && $pdu->{password} eq 'secret';
            note('bind', $pdu->{system_id}, $pdu->{interface_version}, $ok ? 'ok' : 'refused');
            $link->bind_transceiver_resp(seq => $pdu->{seq}, status => $ok ? 0 : 0x0E, system_id => 'smsc');
            $link->enquire_link(async => 1) if $ok;
        }
        elsif ($cmd == Net::SMPP::CMD_submit_sm)        { submit($link, $pdu, \%seen); }
        elsif ($cmd == Net::SMPP::CMD_enquire_link)     { note('enquire'); $link->enquire_link_resp(seq => $pdu->{seq}); }
        elsif ($cmd == Net::SMPP::CMD_enquire_link_resp){ note('alive'); }
        elsif ($cmd == Net::SMPP::CMD_deliver_sm_resp)  { note('noted', $pdu->{status}); }
        elsif ($cmd == Net::SMPP::CMD_unbind)           { note('unbind'); $link->unbind_resp(seq => $pdu->{seq}); last; }
    }
    exit 0;
}
