"""Work at the window: who comes today, who comes without an application, what is captured, the card handed over."""
