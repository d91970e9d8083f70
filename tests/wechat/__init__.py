"""The WeChat channel, against a stand-in of the platform."""
