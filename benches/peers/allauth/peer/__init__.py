"""A Django project that signs in by a code to a phone, with django-allauth."""
