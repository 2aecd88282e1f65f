"""What gunicorn reads by itself, in a checkout and in the container alike."""

workers = 2
worker_class = "gthread"  # a slow upload must not hold up everybody else in the process
threads = 4
control_socket_disable = True  # it would be made in the home folder, which the container has none of
