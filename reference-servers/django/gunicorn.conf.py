"""gunicorn's settings; the reasons are in server.toml."""

worker_class = "gthread"
worker_connections = 10_000
keepalive = 65
graceful_timeout = 1
control_socket_disable = True
loglevel = "warning"
