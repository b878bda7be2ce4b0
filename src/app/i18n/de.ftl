# Every page
skip = Zum Hauptinhalt springen
help = Hilfe
error-title = Fehler: { $title }

# Who are you
sign-in-title = Anmelden
sign-in-heading = Ihre Telefonnummer
sign-in-heading-email = Ihre E-Mail-Adresse
sign-in-heading-user-id = Ihre Benutzer-ID
sign-in-heading-username = Ihr Benutzername
sign-in-lead = Wir schicken Ihnen einen Code per SMS.
identifier-lead = Wir schicken einen Code per SMS an die Nummer in Ihrem Profil.
signed-out-expired = Sie wurden abgemeldet, weil Sie eine Weile nicht da waren.
signed-out-too-many-sessions = Sie wurden hier abgemeldet, weil Sie sich auf mehr Geräten angemeldet haben, als gleichzeitig möglich sind.
signed-out-revoked = Sie wurden hier von einem anderen Browser aus abgemeldet.
signed-out-by-operator = Sie wurden vom Betreiber abgemeldet.
signed-out-other = Sie sind nicht mehr angemeldet.
code-too-old = Sie sind angemeldet. Die gewünschte Seite verlangt vorher einen neuen Code.
phone-label = Telefonnummer
country-label = Ländervorwahl
country-choose = Land
phone-hint = Zum Beispiel { $example }. Aus anderen Ländern mit + beginnen.
phone-hint-plain = Aus Ländern, die nicht in der Liste stehen, mit + beginnen.
email-label = E-Mail-Adresse
user-id-label = Benutzer-ID
username-label = Benutzername
identifier-label = Anmeldekennung
stay-label = Angemeldet bleiben
stay-hint = Nur auf einem eigenen Gerät.
send-button = Code senden
sending = Wird gesendet…
sign-in-new = Neu bei { $brand }?
sign-in-new-link = Konto anlegen

# Sign up
sign-up-title = Konto anlegen
sign-up-heading = Legen Sie Ihr Konto an
sign-up-lead = Ihre Telefonnummer genügt. Zur Bestätigung schicken wir Ihnen einen Code per SMS.
name-label = Name (freiwillig)
sign-up-have = Sie haben schon ein Konto?
sign-up-have-link = Anmelden

# The code
code-title = Code eingeben
code-heading = Geben Sie den Code ein
code-lead = Er hat { $length } Ziffern und kommt per SMS an { $to }.
code-lead-other = Er hat { $length } Ziffern und kommt per SMS an das Telefon von { $to }.
number-ending = die Nummer mit den Endziffern { $digits }
mask-hidden = verdeckte Zeichen
code-label = Code
code-button = Anmelden
checking = Wird geprüft…
valid-for = Code gültig für { $time }
resent = Ein neuer Code ist unterwegs. Frühere Codes gelten nicht mehr.
expired-heading = Dieser Code ist abgelaufen
expired-lead = Fordern Sie einen neuen an. Er kommt an { $to }.
expired-lead-other = Fordern Sie einen neuen an. Er kommt an das Telefon von { $to }.
resend-question = Noch keine Nachricht?
resend-button = Neuen Code senden
resend-wait = Sie können einen neuen Code anfordern in { $time }.
    .case-time = dative
resend-ready = Sie können jetzt einen neuen Code anfordern.
other-number = Andere Nummer verwenden
other-identifier = Neu beginnen
blocked-heading = Keine Versuche mehr
blocked-lead = Bitte warten Sie zu Ihrer Sicherheit. Ein neuer Versuch ist möglich in { $time }.
    .case-time = dative
blocked-button = Noch einmal versuchen
tries-left = { $count ->
    [0] Sie haben keinen Versuch mehr.
    [one] Sie haben noch einen Versuch.
   *[other] Sie haben noch { $count } Versuche.
}
code-help = Hilfe zum Code
help-number = Prüfen Sie die Nummer oben. Codes gehen nur an Nummern, zu denen es ein Konto gibt.
help-number-sign-up = Prüfen Sie die Nummer oben. Der Code geht nur an diese Nummer.
help-identifier = Prüfen Sie Ihre Eingabe. Der Code geht nur an die Telefonnummer im Profil eines Kontos.
help-wait = Eine Nachricht kann ein, zwei Minuten brauchen. Prüfen Sie den Empfang und ob Ihr Telefon unbekannte Absender sperrt.
help-limits = Ein Code gilt { $lifetime } und erlaubt bis zu { $tries } Versuche. Einen neuen können Sie nach { $cooldown } anfordern, weitere erst später. Nach zu vielen falschen Codes kann die Wartezeit { $lockout } betragen.
    .case-cooldown = dative
help-weaker = Eine SMS schützt weniger als ein Passkey oder eine App: Sie kann abgefangen und eine Nummer übernommen werden. Geben Sie den Code niemandem, auch nicht uns.
help-address = Nach Codes fragen wir nur auf { $host }. Geben Sie sie nirgendwo sonst ein.
help-other-way = Nach einem anderen Weg der Anmeldung fragen

# The account
account-title = Ihr Konto
account-heading = Sie sind angemeldet
account-number = Telefonnummer
account-identifier = Angemeldet als
account-since = Angemeldet seit
account-ends = Sitzung endet
account-idle = Früher, wenn Sie { $time } nicht da sind.
sign-out-button = Abmelden
new-browser-heading = Erste Anmeldung mit diesem Browser
new-browser-text = Wenn unten ein Browser steht, der nicht Ihnen gehört, melden Sie ihn ab.
new-device-heading = Anmeldung mit einem neuen Browser
new-device-text = { $device }, { $time }.
new-device-advice = Wenn Sie das nicht waren, melden Sie unten alle anderen ab und sagen Sie dem Betreiber Bescheid.
absent-heading = Willkommen zurück
absent-text = Ihre vorige Anmeldung war am { $time }. Wenn Sie sich gerade nicht selbst angemeldet haben, melden Sie unten alle anderen ab.
sessions-heading = Wo Sie angemeldet sind
session-on = { $browser } auf { $system }
session-unknown = Unbekannter Browser
session-current = Dieser Browser
session-seen = Zuletzt aktiv { $time }
session-since = Angemeldet { $time }
session-end = Abmelden
sessions-others = Alle anderen abmelden
idle-heading = Sind Sie noch da?
idle-text = Sie werden abgemeldet in { $time }.
    .case-time = dative
idle-at = Ohne Aktivität werden Sie am { $time } abgemeldet.
idle-button = Angemeldet bleiben

# Sign out
sign-out-title = Abmelden
sign-out-heading = Möchten Sie sich abmelden?
sign-out-lead = Für die nächste Anmeldung brauchen Sie einen neuen Code.
sign-out-back = Angemeldet bleiben
signed-out-title = Abgemeldet
signed-out-heading = Sie sind abgemeldet
signed-out-lead = Mit diesem Browser ist niemand angemeldet.
signed-out-button = Zur Anmeldung

# Elsewhere
not-found-title = Seite nicht gefunden
not-found-lead = Unter dieser Adresse gibt es nichts. Prüfen Sie die Adresse, oder beginnen Sie von vorn.
start-button = Zum Anfang
failure-title = Etwas ist schiefgegangen
failure-refused = Diese Anfrage wurde abgelehnt
failure-unreadable = Diese Anfrage war nicht lesbar
failure-wait = Bitte warten Sie ein wenig
failure-unavailable = Das geht gerade nicht
failure-reference = Wenn Sie sich an uns wenden, nennen Sie diese Nummer:
ticket-error-used = Versuchen wir es noch einmal
ticket-error-used-lead = Diese Adresse gilt einmal, eine halbe Minute lang und nur in einem Browser. Es ist nichts verloren.
ticket-error-no-cookie = Bitte erlauben Sie Cookies
ticket-error-no-cookie-lead = Ihr Browser hat das Cookie nicht behalten, mit dem Sie hier angemeldet werden. Erlauben Sie Cookies für diese Seite, und versuchen Sie es dann noch einmal.

# Why not
refusal-unreadable = Die Eingabe war für uns nicht lesbar. Bitte versuchen Sie es noch einmal.
refusal-too-large = Das ist zu lang. Bitte kürzen Sie es und versuchen Sie es noch einmal.
refusal-malformed = Es fehlt noch etwas. Bitte füllen Sie das Feld aus.
refusal-invalid-phone = Das sieht nicht nach einer vollständigen Telefonnummer aus. Prüfen Sie das Land und die Ziffern.
refusal-invalid-email = Das sieht nicht nach einer vollständigen E-Mail-Adresse aus. Prüfen Sie sie und versuchen Sie es noch einmal.
refusal-invalid-identifier = Das sieht nicht vollständig aus. Prüfen Sie es und versuchen Sie es noch einmal.
refusal-confirm-number = Stimmt das? { $number }. Wenn ja, senden Sie den Code noch einmal. Wenn nicht, berichtigen Sie die Nummer.
refusal-confirm-number-plain = Prüfen Sie die Nummer. Wenn sie stimmt, senden Sie den Code noch einmal.
refusal-country-not-served = An Nummern dieser Art können wir keine SMS schicken. Nehmen Sie eine Mobilnummer aus einem Land der Liste.
refusal-invalid-code-format = Geben Sie alle Ziffern des Codes aus der SMS ein.
refusal-code-refused = Dieser Code hat nicht funktioniert. Prüfen Sie ihn, oder fordern Sie einen neuen an.
refusal-not-signed-in = Sie sind abgemeldet. Melden Sie sich an, um fortzufahren.
refusal-flow-expired = Dieser Code ist abgelaufen. Fordern Sie einen neuen an.
refusal-no-flow = Es ist zu viel Zeit vergangen. Bitte beginnen Sie von vorn.
refusal-stale-flow = In diesem Browser läuft inzwischen eine neuere Anmeldung. Für die frühere wurde nichts geprüft und nichts gesendet. Machen Sie mit dem neuesten Code weiter, oder beginnen Sie von vorn.
refusal-cookies-blocked = Ihr Browser hat das Cookie dieser Seite nicht behalten, deshalb wurde nichts gesendet. Erlauben Sie Cookies für diese Website und versuchen Sie es noch einmal.
refusal-cross-origin = Sie kam von einer anderen Adresse als unserer. Öffnen Sie die Anmeldeseite und versuchen Sie es noch einmal.
refusal-forbidden = Ihr Konto darf das nicht öffnen. Wenn es das dürfen sollte, fragen Sie, wer diese Anwendung betreibt.
refusal-slow-down = Aus Sicherheitsgründen lassen sich Codes nur in Abständen senden und prüfen. Bitte warten Sie { $time }, und versuchen Sie es dann noch einmal.
refusal-slow-down-plain = Aus Sicherheitsgründen lassen sich Codes nur in Abständen senden und prüfen. Bitte warten Sie ein wenig, und versuchen Sie es dann noch einmal.
refusal-unavailable = Es ist nichts verloren, und es liegt nicht an Ihnen. Bitte versuchen Sie es noch einmal in { $time }.
    .case-time = dative
refusal-unavailable-plain = Es ist nichts verloren, und es liegt nicht an Ihnen. Bitte versuchen Sie es in ein paar Minuten noch einmal.
refusal-network = Es besteht keine Verbindung. Prüfen Sie Ihr Netz und versuchen Sie es noch einmal.
refusal-timeout = Der Dienst hat nicht rechtzeitig geantwortet. Es wird nichts doppelt gesendet. Prüfen Sie Ihr Netz und versuchen Sie es noch einmal.

# Time
seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
    .dative = { $count ->
        [one] { $count } Tag
       *[other] { $count } Tagen
    }
date = { $day }. { $month } { $year }, { $clock } UTC
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember

# The text message. GSM-7 characters where the language allows.
message = Ihr Code für { $app } ist { $otp }. Geben Sie ihn niemals weiter.
