"""The electronic permit in the hands of its holder: in a wallet, on the phone, on paper."""
