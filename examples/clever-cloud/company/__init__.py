"""An invented hosting company: everything in its database comes from here. Nobody and no address in it is real."""
