"""What wallets ask over HTTP: who they may act for, what they collect, what is published; and the page of consent."""
