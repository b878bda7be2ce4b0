# Address: you, with contractions.
# Every page
skip = Skip to main content
help = Help
privacy = Privacy
terms = Terms
error-title = Error: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Language:

# Who are you
sign-in-title = Sign in
sign-in-heading = Enter your phone number
sign-in-heading-email = Enter your email address
sign-in-heading-user-id = Enter your user ID
sign-in-heading-username = Enter your username
sign-in-lead = We’ll text you a code to sign in.
identifier-lead = We’ll text a code to the phone number in your profile.
signed-out-expired = Your session timed out, so we signed you out.
signed-out-too-many-sessions = You’re signed in on as many devices as you can use at once, so we signed you out here.
signed-out-revoked = You were signed out here from another browser.
signed-out-by-operator = An administrator signed you out.
signed-out-other = You’re no longer signed in.
code-too-old = You’re signed in, but the page you want needs a new code first.
code-not-by-sms = You’re signed in, but the page you want needs a code by text message first.
phone-label = Phone number
country-label = Country or region code
country-choose = Country
phone-hint = Example: { $example }. Other countries: start with + and the country code.
phone-hint-plain = If your country isn’t listed, start with + and the country code.
email-label = Email address
user-id-label = User ID
username-label = Username
identifier-label = Sign-in ID
stay-label = Stay signed in
stay-hint = Only on your own device.
send-button = Send code
sending = Sending…
sign-in-new = New to { $brand }?
sign-in-new-link = Create an account

# Sign up
sign-up-title = Create an account
sign-up-heading = Create your account
sign-up-lead = All you need is a phone number. We’ll text you a code to confirm it.
name-label = Name (optional)
sign-up-have = Already have an account?
sign-up-have-link = Sign in

# The code
code-title = Enter the code
code-heading = Enter the code
code-lead = Look for a text message to { $to } with a { $length }‑digit code.
code-lead-other = Look for a text message with a { $length }‑digit code on the phone of { $to }.
code-lead-email = Look for an email with a { $length }‑digit code, if your account has an email address.
number-ending = the number ending in { $digits }
mask-hidden = hidden characters
code-label = Code
code-button = Sign in
checking = Checking…
valid-for = Code valid for { $time }
resent = A new code is on its way. Older codes no longer work.
resent-email = If a code comes by email, older codes no longer work.
expired-heading = Your code has expired
expired-lead = Codes work for a short time only. Get a new one for { $to }.
expired-lead-other = Codes work for a short time only. Get a new one on the phone of { $to }.
resend-question = Didn’t get the code?
resend-button = Send a new code
resend-button-sms = Send a new code by text message
resend-wait = You can get a new code in { $time }.
resend-ready = You can get a new code now.
email-button = Get the code by email instead
other-number = Use a different number
other-identifier = Start over
blocked-heading = Too many tries
blocked-lead = To protect your account, please wait { $time }.
blocked-button = Try again
tries-left = { $count ->
    [0] You have no tries left.
    [one] You have one try left.
   *[other] You have { $count } tries left.
}
code-help = Help with the code
help-number = Check the number above. We send codes only to numbers that have an account.
help-number-sign-up = Check the number above. We send the code only there.
help-identifier = Check what you typed. We send the code only to the phone number saved with an account.
help-wait = A text message can take a minute or two. Check your signal, and whether your phone blocks unknown senders.
help-email = No text message? You can get the code by email instead. We send it only to the address saved with an account. Check the spam folder too. Anyone who can read that mailbox can sign in.
help-limits = A code works for { $lifetime } and allows { $tries ->
    [one] one try
   *[other] up to { $tries } tries
}. You can get a new one after { $cooldown }; later ones take longer. After too many wrong codes, you may have to wait { $lockout }.
help-weaker = A text message is less secure than a passkey or an app: messages can be intercepted, and numbers can be taken over. Never share the code with anyone, not even with us.
help-address = We ask for codes only on { $host }. Never enter them anywhere else.
help-other-way = Ask about another way to sign in

# The account
account-title = Your account
account-heading = You’re signed in
account-number = Phone number
account-identifier = Signed in as
account-since = Signed in since
account-ends = Session ends
account-idle = Sooner if you’re inactive for { $time }.
sign-out-button = Sign out
new-browser-heading = First sign-in with this browser
new-browser-text = If you see a browser below that isn’t yours, sign it out.
new-device-heading = New browser signed in
new-device-text = { $device }, { $time }.
new-device-advice = If this wasn’t you, sign out all other browsers below and contact support.
absent-heading = Welcome back
absent-text = Your last sign-in was on { $time }. If you didn’t sign in just now, sign out all other browsers below.
sessions-heading = Where you’re signed in
session-on = { $browser } on { $system }
session-unknown = Unknown browser
session-current = This browser
session-seen = Last active { $time }
session-since = Signed in { $time }
session-end = Sign out
sessions-others = Sign out all other browsers
idle-heading = Are you still there?
idle-text = We’ll sign you out in { $time }.
idle-at = If you’re inactive, we’ll sign you out on { $time }.
idle-button = Stay signed in

# Sign out
sign-out-title = Sign out
sign-out-heading = Sign out?
sign-out-lead = You’ll need a new code to sign in again.
sign-out-back = Stay signed in
signed-out-title = Signed out
signed-out-heading = You’re signed out
signed-out-lead = No one is signed in with this browser.
signed-out-button = Back to sign-in

# Elsewhere
not-found-title = Page not found
not-found-lead = There’s nothing at this address. Check it, or start over.
start-button = Back to the start page
failure-title = Something went wrong
failure-refused = We couldn’t accept that
failure-unreadable = We couldn’t read that
failure-wait = Please wait a moment
failure-unavailable = We can’t do this right now
failure-reference = If you contact support, mention this number:
ticket-error-used = Let’s try that again
ticket-error-used-lead = This link works only once, within half a minute, and in one browser. Nothing was lost.
ticket-error-no-cookie = Please allow cookies
ticket-error-no-cookie-lead = Your browser didn’t keep the cookie that signs you in here. Allow cookies for this site, then try again.

# Why not
refusal-unreadable = We couldn’t read what you sent. Please try again.
refusal-too-large = That’s too long. Shorten it and try again.
refusal-malformed = Something’s missing. Fill in the field and try again.
refusal-invalid-phone = That doesn’t look like a complete phone number. Check the country and the digits.
refusal-invalid-email = That doesn’t look like a complete email address. Check it and try again.
refusal-invalid-identifier = That doesn’t look complete. Check it and try again.
refusal-confirm-number = Is { $number } right? If it is, send it again. If not, correct it.
refusal-confirm-number-plain = Is the number right? If it is, send it again. If not, correct it.
refusal-country-not-served = We can’t text this kind of number. Use a mobile number from a country in the list.
refusal-channel-not-offered = Codes don’t come that way here. Get a new one by text message.
refusal-invalid-code-format = Enter all the digits of the code in the message.
refusal-code-refused = That code didn’t work. Check it, or get a new one.
refusal-not-signed-in = You’re signed out. Sign in to continue.
refusal-flow-expired = Your code has expired. Get a new one.
refusal-no-flow = Too much time has passed. Please start over.
refusal-stale-flow = You started a newer sign-in in this browser, so we didn’t check or send anything for the earlier one. Use the newest code, or start over.
refusal-cookies-blocked = Your browser didn’t keep this page’s cookie, so nothing was sent. Allow cookies for this site, then try again.
refusal-cross-origin = This request came from a different address. Open the sign-in page and try again.
refusal-forbidden = Your account doesn’t have access to this page. If it should, contact the support team of this application.
refusal-slow-down = For security, codes can be sent and tried only a few times in a row. Please wait { $time }, then try again.
refusal-slow-down-plain = For security, codes can be sent and tried only a few times in a row. Please wait a little, then try again.
slow-down-network = Many requests have come from your network.
slow-down-country = Many codes have gone to this country or region.
slow-down-service = We’re sending a great many codes right now.
slow-down-resend = You’ve already asked for a code.
slow-down-repeated = This was done several times in a short while.
slow-down-wait = Please wait { $time }, then try again.
refusal-unavailable = The problem is on our side; nothing was lost. Please try again in { $time }.
refusal-unavailable-plain = The problem is on our side; nothing was lost. Please try again in a few minutes.
refusal-network = We couldn’t reach the service. Check your connection and try again.
refusal-timeout = The service didn’t answer in time. Check your connection and try again.

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
