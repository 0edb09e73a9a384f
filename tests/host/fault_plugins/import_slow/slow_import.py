import time

time.sleep(1)

from studio.plugins import Generator, Text, hookimpl  # noqa: E402  (it is late on purpose)


class Late(Generator):
    id, title, produces = "slow_import.late", "Late", "text"

    def run(self, params, ctx):
        return Text.of("better late")


@hookimpl
def studio_generators():
    return [Late]
