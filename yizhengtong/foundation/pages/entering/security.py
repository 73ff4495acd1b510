"""Sign-in and security: the ways in of one's own account, added and taken away. Each change asks who one is anew."""

from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base.internal.flows import delete_and_cleanup, post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret, get_totp_secret, validate_totp_code
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.contrib.auth import HASH_SESSION_KEY
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from yizhengtong.foundation.accounts.identity.choosing import offered
from yizhengtong.foundation.accounts.models import Account, IdentityLink
from yizhengtong.foundation.accounts.phones import phone_of
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.pages.entering.doors import Door
from yizhengtong.foundation.pages.entering.passing import ensure_recent
from yizhengtong.foundation.pages.entering.passkeys import OptionsEncoder, Unreadable, read_credential
from yizhengtong.foundation.pages.entering.password import NewPasswordForm
from yizhengtong.foundation.pages.entering.second_factor import CodeForm
from yizhengtong.foundation.pages.forms import PageForm
from yizhengtong.foundation.pages.qr import qr_code
from yizhengtong.foundation.pages.reader import reader_of
from yizhengtong.foundation.pages.serving import signed_in
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.errors import Conflict, Forbidden

MOST_PASSKEYS = 10


class PasskeyForm(PageForm):
    """What a passkey is called, to be told from others."""

    words = "entering."
    passkey_name = forms.CharField(max_length=60)


def security(request: HttpRequest, door: Door) -> HttpResponse:
    """Show by what one signs in."""
    account = _account(request)
    factors = list(Authenticator.objects.filter(user=account).order_by("created_at", "pk"))
    phone = phone_of(account) if door.takes_codes else None
    return door.show(
        request, "security", "entering.security_title",
        account=account,
        has_password=account.has_usable_password(),
        phone_ending=phone[0][-4:] if phone else "",
        passkeys=[factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
        app=next((factor for factor in factors if factor.type == Authenticator.Type.TOTP), None),
        must_have_factor=door.site == "desk" and not signed_in(request).has_second_factor,
        removal=f"{door.site}-factor-remove",
        services=_services(request, account) if door.takes_services else [],
        back=door.address("home"),
    )  # fmt: skip


def change_password(request: HttpRequest, door: Door) -> HttpResponse:
    """Set a password, or another one. Other sessions of the account end."""
    account = _changing(request, door)
    form = NewPasswordForm(request.POST or None, reader=reader_of(request), account=account)
    if request.method == "POST" and form.is_valid():
        account.set_password(form.cleaned_data["new_password"])
        account.one_time_until = None
        account.save(update_fields=["password", "one_time_until"])
        request.session.cycle_key()  # this session stays, under a new token
        request.session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        _note(request, "accounts.change_password", account)
        return _back(door)
    back = door.address("security")
    return door.show(request, "new_password", "entering.password_change_title", form=form, back=back)


def passkey_creation(request: HttpRequest, door: Door) -> HttpResponse:
    """Give the browser what a new passkey is made with."""
    account = _changing(request, door)
    return JsonResponse(webauthn.begin_registration(account, passwordless=True), encoder=OptionsEncoder)


def add_passkey(request: HttpRequest, door: Door) -> HttpResponse:
    """Add a passkey that the browser has made."""
    account = _changing(request, door)
    form = PasskeyForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        if Authenticator.objects.filter(user=account, type=Authenticator.Type.WEBAUTHN).count() >= MOST_PASSKEYS:
            raise Conflict("entering.passkeys_enough")
        try:
            factor = _made(account, form.cleaned_data["passkey_name"], request.POST.get("credential", ""))
        except Unreadable:
            form.add_error(None, form.reader.say("entering.passkey_not_made"))
        else:
            _added(request, account, factor, "accounts.add_passkey")
            return _back(door)
    return door.show(request, "passkey_add", "entering.passkey_add_title", form=form, back=door.address("security"))


def add_app(request: HttpRequest, door: Door) -> HttpResponse:
    """Link an authenticator app, by a code that it shows."""
    account = _changing(request, door)
    if Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists():
        return _back(door)
    secret = get_totp_secret()
    form = CodeForm(request.POST or None, reader=reader_of(request))
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"].replace(" ", "")
        if validate_totp_code(secret, code):
            activated = TOTP.activate(account, secret)
            activated.validate_code(code)  # and it opens nothing a second time
            clear_totp_secret(request)
            _added(request, account, activated.instance, "accounts.add_authenticator_app")
            return HttpResponseRedirect(door.address("recovery-codes"))
        form.add_error("code", form.reader.say("entering.code_wrong"))
    picture = qr_code(mfa_adapter().build_totp_url(account, secret))
    return door.show(
        request, "app_add", "entering.app_add_title", form=form, back=door.address("security"),
        picture=picture, secret=" ".join(_in_fours(secret)),
    )  # fmt: skip


def recovery_codes(request: HttpRequest, door: Door) -> HttpResponse:
    """Show the codes that open the account where the telephone with the app is lost; new ones when asked."""
    account = _changing(request, door)
    if not Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists():
        return _back(door)
    found = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES)
    if request.method == "POST":
        found.delete()
        _note(request, "accounts.new_recovery_codes", account)
    kept = found.first()
    codes = kept.wrap() if kept else RecoveryCodes.activate(account)
    return door.show(
        request, "recovery_codes", "entering.recovery_title",
        codes=codes.get_unused_codes(), back=door.address("security"),
    )  # fmt: skip


def remove_factor(request: HttpRequest, door: Door, factor_id: int) -> HttpResponse:
    """Take a passkey or the app away. An account without a password or telephone keeps its last passkey."""
    account = _changing(request, door)
    factor = Authenticator.objects.filter(
        user=account, pk=factor_id, type__in=(Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)
    ).first()
    if factor is None:
        raise Http404
    if request.method == "POST":
        if not _has_other_way(account, factor):
            raise Conflict("entering.last_way_in")
        delete_and_cleanup(request, factor)
        _note(request, "accounts.remove_second_factor", account)
        return _back(door)
    is_passkey = factor.type == Authenticator.Type.WEBAUTHN
    title = "entering.passkey_remove_title" if is_passkey else "entering.app_remove_title"
    name = factor.data.get("name", "") if is_passkey else ""
    return door.show(request, "factor_remove", title, name=name, back=door.address("security"))


def _services(request: HttpRequest, account: Account) -> list[dict[str, object]]:
    """Return name, code and whether it is linked of each real-name service."""
    linked = set(IdentityLink.objects.filter(account=account).values_list("service", flat=True))
    named = offered(base_of(reader_of(request).language))
    return [{"code": code, "name": name, "is_linked": code in linked} for code, name in named]


def _made(account: Account, name: str, shown: str) -> Authenticator:
    credential = read_credential(shown)
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        webauthn.clear_state()
        raise Unreadable from error
    return webauthn.WebAuthn.add(account, name, credential).instance


def _added(request: HttpRequest, account: Account, factor: Authenticator, action: str) -> None:
    """Note it; who has just shown a factor has been proved by it, and goes on under a new token."""
    request.session.cycle_key()
    post_authentication(request, factor)
    _note(request, action, account)


def _has_other_way(account: Account, factor: Authenticator) -> bool:
    others = Authenticator.objects.filter(user=account, type=Authenticator.Type.WEBAUTHN).exclude(pk=factor.pk)
    return account.has_usable_password() or phone_of(account) is not None or others.exists()


def _account(request: HttpRequest) -> Account:
    account_id = signed_in(request).id
    account = Account.objects.filter(pk=account_id).first() if account_id else None
    if account is None:
        raise Forbidden("web.sign_in_first")
    return account


def _changing(request: HttpRequest, door: Door) -> Account:
    account = _account(request)
    ensure_recent(request, account, door)
    return account


def _note(request: HttpRequest, action: str, account: Account) -> None:
    record_act(action, by=signed_in(request), on=("account", account.pk), person_id=None)


def _back(door: Door) -> HttpResponse:
    return HttpResponseRedirect(door.address("security"))


def _in_fours(secret: str) -> list[str]:
    return [secret[start : start + 4] for start in range(0, len(secret), 4)]
