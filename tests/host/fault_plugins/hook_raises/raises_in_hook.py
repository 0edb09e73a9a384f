from studio.plugins import hookimpl


@hookimpl
def studio_generators():
    raise KeyError("hook")
