"""gunicorn's settings in the mode `stock`: its own, with the one exception that server.toml gives a reason for."""

control_socket_disable = True
