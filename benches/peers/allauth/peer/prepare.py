"""Makes the tables and so many users, whose numbers the benchmark signs in.

Called as `python -m peer.prepare COUNT`.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from peer.models import User  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
phones = [f"+447400{number:06}" for number in range(int(sys.argv[1]))]
User.objects.bulk_create(
    (User(username=phone, phone=phone, phone_verified=True, password="!") for phone in phones),
    batch_size=500,
)
