# Every page
skip = Skip to main content
help = Help
error-title = Error: { $title }

# Who are you
sign-in-title = Sign in
sign-in-heading = Enter your phone number
sign-in-heading-email = Enter your email address
sign-in-heading-user-id = Enter your user ID
sign-in-heading-username = Enter your user name
sign-in-lead = We’ll text you a code to sign in with.
identifier-lead = We’ll text a code to the phone number in your profile.
signed-out-expired = You were signed out because you were away for a while.
signed-out-too-many-sessions = You were signed out here because you signed in on more devices than you can use at once.
signed-out-revoked = You were signed out here from another browser.
signed-out-by-operator = You were signed out by the support team.
signed-out-other = You are not signed in any more.
code-too-old = You are signed in. The page you want asks for a new code first.
phone-label = Phone number
country-label = Country or region code
country-choose = Country
phone-hint = For example { $example }. From elsewhere, start with +.
phone-hint-plain = From a country that is not listed, start with +.
email-label = Email address
user-id-label = User ID
username-label = User name
identifier-label = Sign-in ID
stay-label = Stay signed in
stay-hint = Only on a device that is yours.
send-button = Send code
sending = Sending…
sign-in-new = New to { $brand }?
sign-in-new-link = Create an account

# Sign up
sign-up-title = Create an account
sign-up-heading = Create your account
sign-up-lead = A phone number is all it takes. We’ll text you a code to confirm it.
name-label = Name (optional)
sign-up-have = Already have an account?
sign-up-have-link = Sign in

# The code
code-title = Enter the code
code-heading = Enter the code
code-lead = It has { $length } digits and comes by text message to { $to }.
code-lead-other = It has { $length } digits and comes by text message to the phone of { $to }.
number-ending = number ending in { $digits }
mask-hidden = hidden characters
code-label = Code
code-button = Sign in
checking = Checking…
valid-for = Code valid for { $time }
resent = A new code is on its way. Earlier codes no longer work.
expired-heading = This code has expired
expired-lead = Ask for a new one. It will come to { $to }.
expired-lead-other = Ask for a new one. It will come to the phone of { $to }.
resend-question = No message yet?
resend-button = Send a new code
resend-wait = You can ask for a new code in { $time }.
resend-ready = You can ask for a new code now.
other-number = Use another number
other-identifier = Start again
blocked-heading = No tries left
blocked-lead = For your safety, please wait. You can try again in { $time }.
blocked-button = Try again
tries-left = { $count ->
    [0] You have no tries left.
    [one] You have one try left.
   *[other] You have { $count } tries left.
}
code-help = Help with the code
help-number = Check the number above. Codes go only to numbers that have an account.
help-number-sign-up = Check the number above. The code goes only to that number.
help-identifier = Check what you typed. The code goes only to the phone number in the profile of an account.
help-wait = A message can take a minute or two. Check your signal, and whether your phone blocks unknown senders.
help-limits = A code works for { $lifetime } and takes up to { $tries } tries. You can ask for a new one after { $cooldown }, later ones take longer. After too many wrong codes you may have to wait { $lockout }.
help-weaker = A text message protects less than a passkey or an app: it can be intercepted, and a number can be taken over. Never give the code to anyone, not even to us.
help-address = We ask for codes only on { $host }. Enter them nowhere else.
help-other-way = Ask about another way to sign in

# The account
account-title = Your account
account-heading = You’re signed in
account-number = Phone number
account-identifier = Signed in as
account-since = Signed in since
account-ends = Session ends
account-idle = Sooner if you are away for { $time }.
sign-out-button = Sign out
new-browser-heading = First sign-in from this browser
new-browser-text = If you see a browser below that is not yours, sign it out.
new-device-heading = Signed in with a new browser
new-device-text = { $device }, { $time }.
new-device-advice = If that was not you, sign out all others below and tell the support team.
absent-heading = Welcome back
absent-text = You had not signed in since { $time }. If you did not sign in now, sign out all others below.
sessions-heading = Where you’re signed in
session-on = { $browser } on { $system }
session-unknown = Unknown browser
session-current = This browser
session-seen = Last active { $time }
session-since = Signed in { $time }
session-end = Sign out
sessions-others = Sign out all others
idle-heading = Are you still there?
idle-text = You will be signed out in { $time }.
idle-at = Without activity you will be signed out on { $time }.
idle-button = Stay signed in

# Sign out
sign-out-title = Sign out
sign-out-heading = Sign out?
sign-out-lead = To sign in again you will need a new code.
sign-out-back = Stay signed in
signed-out-title = Signed out
signed-out-heading = You’re signed out
signed-out-lead = Nobody is signed in with this browser.
signed-out-button = Go to sign-in

# Elsewhere
not-found-title = Page not found
not-found-lead = There is nothing at this address. Check it, or start again.
start-button = Go to the start
failure-title = Something went wrong
failure-refused = This request was refused
failure-unreadable = We could not read this request
failure-wait = Please wait a little
failure-unavailable = We can’t do this right now
failure-reference = If you contact us, tell us this number:
ticket-error-used = Let’s try that again
ticket-error-used-lead = This address works once, for half a minute, and in one browser. Nothing is lost.
ticket-error-no-cookie = Please allow cookies
ticket-error-no-cookie-lead = Your browser did not keep the cookie that signs you in here. Allow cookies for this site, then try again.

# Why not
refusal-unreadable = We could not read what was sent. Please try again.
refusal-too-large = That is too long for us. Shorten it and try again.
refusal-malformed = Something is missing. Fill in the field and try again.
refusal-invalid-phone = This does not look like a complete phone number. Check the country and the digits.
refusal-invalid-email = This does not look like a complete email address. Check it and try again.
refusal-invalid-identifier = This does not look complete. Check it and try again.
refusal-confirm-number = Is this right? { $number }. If it is, send the code once more. If not, correct the number.
refusal-confirm-number-plain = Check the number. If it is right, send the code once more.
refusal-country-not-served = We cannot text this kind of number. Use a mobile number from one of the countries in the list.
refusal-invalid-code-format = Enter every digit of the code from the text message.
refusal-code-refused = This code did not work. Check it, or ask for a new one.
refusal-not-signed-in = You are signed out. Sign in to go on.
refusal-flow-expired = This code has expired. Ask for a new one.
refusal-no-flow = Too much time has passed. Please start again.
refusal-stale-flow = A newer sign-in is under way in this browser, so nothing was checked or sent for the earlier one. Go on with the newest code, or start again.
refusal-cookies-blocked = Your browser did not keep the cookie of this page, so nothing was sent. Allow cookies for this site, then try again.
refusal-cross-origin = It came from another address than ours. Open the sign-in page and try again.
refusal-forbidden = Your account may not open this. If it should, ask the support team of this application.
refusal-slow-down = For security, codes can be sent and tried just a few times in a row. Please wait { $time }, then try again.
refusal-slow-down-plain = For security, codes can be sent and tried just a few times in a row. Please wait a little, then try again.
refusal-unavailable = Nothing is lost, and it is not your fault. Please try again in { $time }.
refusal-unavailable-plain = Nothing is lost, and it is not your fault. Please try again in a few minutes.
refusal-network = There is no connection. Check your network and try again.
refusal-timeout = The service did not answer in time. Nothing is sent twice. Check your connection and try again.

# Time
seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
date = { $day } { $month } { $year }, { $clock } UTC
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

# The text message. GSM-7 characters where the language allows.
message = Your { $app } code is { $otp }. Never share it with anyone.
