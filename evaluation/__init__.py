import os

# One thread for linear algebra, unless somebody asks for more: the matrices here are small, and threads that wait for
# each other on a busy machine made a bootstrap four times as long. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
