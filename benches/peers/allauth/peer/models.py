"""A user with a phone number."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    phone = models.CharField(max_length=20, unique=True)
    phone_verified = models.BooleanField(default=False)
