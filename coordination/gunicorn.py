"""How gunicorn serves the pages: `gunicorn -c python:coordination.gunicorn coordination.wsgi`."""

from gunicorn.glogging import Logger

from coordination.logs import HidingFormatter
from coordination.supervisor import die_with_parent

worker_class = "gthread"
workers = 2
threads = 4
# A page takes well under a second; the longest export ends before this.
timeout = 60
graceful_timeout = 10
loglevel = "warning"


class logger_class(Logger):  # noqa: N801 - the name of the setting
    """Access and error log, where somebody asks for them, without the secrets of addresses."""

    def setup(self, cfg):
        super().setup(cfg)
        for log, layout in ((self.error_log, self.error_fmt), (self.access_log, self.access_fmt)):
            for handler in log.handlers:
                handler.setFormatter(HidingFormatter(layout, self.datefmt))


# Its control socket would be one file for all systems of this account.
control_socket_disable = True


def post_fork(server, worker):
    die_with_parent(worker.ppid)


def post_worker_init(worker):
    from deadlines.health import keep_watch

    keep_watch()
