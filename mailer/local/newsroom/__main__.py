"""`python -m mailer.local.newsroom`: serve the invented paper."""

import sys

from mailer.local.newsroom.server import main

sys.exit(main())
