"""The demo clinic: invented people, an invented laboratory and the messages it sends."""
