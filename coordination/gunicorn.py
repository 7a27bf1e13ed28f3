"""How gunicorn serves the pages: `gunicorn -c python:coordination.gunicorn coordination.wsgi`."""

from coordination.supervisor import die_with_parent

worker_class = "gthread"
workers = 2
threads = 4
# A page takes well under a second; the longest export ends before this.
timeout = 60
graceful_timeout = 10
loglevel = "warning"
# Its control socket would be one file for all systems of this account.
control_socket_disable = True


def post_fork(server, worker):
    die_with_parent(worker.ppid)


def post_worker_init(worker):
    from deadlines.health import keep_watch

    keep_watch()
