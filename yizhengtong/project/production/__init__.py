"""What production mode refuses: every weak setting by its code, all of them at once, before a process serves.

A check is one of Django's system checks, tagged `production` and marked `deploy` so that other commands do not run it.
A room below adds its own the same way in its app's `ready`; its words stand in the room's texts.yaml (docs/adr/0029).
"""
