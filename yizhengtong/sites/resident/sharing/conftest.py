"""What tests of these pages share: a holder's permit and browser, and the web's own rights."""

from yizhengtong.sites.resident.wallet import conftest as wallet

town, browse, holder, stranger, language = wallet.town, wallet.browse, wallet.holder, wallet.stranger, wallet.language
permit, own, _as_web = wallet.permit, wallet.own, wallet._as_web
