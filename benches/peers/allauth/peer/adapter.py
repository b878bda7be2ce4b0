"""What django-allauth leaves to a project: where phone numbers are stored, and how to send."""

import json
import os
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter

from peer.models import User

SMS_URL = urlsplit(os.environ["SMS_URL"])

# A connection that is kept, one for each thread.
_local = threading.local()


class PhoneAdapter(DefaultAccountAdapter):
    def get_phone(self, user):
        return (user.phone, user.phone_verified)

    def set_phone(self, user, phone, verified):
        user.phone, user.phone_verified = phone, verified
        user.save(update_fields=["phone", "phone_verified"])

    def set_phone_verified(self, user, phone):
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone):
        return User.objects.filter(phone=phone).first()

    def send_verification_code_sms(self, user, phone, code, **kwargs):
        if not hasattr(_local, "connection"):
            _local.connection = HTTPConnection(SMS_URL.netloc)
        body = json.dumps({"phone": phone, "code": code})
        headers = {"Content-Type": "application/json"}
        _local.connection.request("POST", SMS_URL.path, body, headers)
        response = _local.connection.getresponse()
        response.read()
        if response.status != 200:
            raise OSError(f"the message was refused: {response.status}")
