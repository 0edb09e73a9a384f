from studio.plugins import Generator, Text, hookimpl


class Good(Generator):
    id, title, produces = "partly_broken.good", "Good", "text"

    def run(self, params, ctx):
        return Text.of("good")


class BadId(Good):
    id = "Partly Broken"


class BadKind(Good):
    id, produces = "partly_broken.kind", "smell"


class BadParams(Good):
    id = "partly_broken.params"

    class Params:
        pass


class Twice(Good):
    pass


@hookimpl
def studio_generators():
    return [Good, BadId, BadKind, BadParams, Twice, "nonsense"]
