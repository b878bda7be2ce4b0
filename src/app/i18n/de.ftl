# Address: Sie.
# Every page
skip = Zum Hauptinhalt springen
help = Hilfe
privacy = Datenschutz
terms = Nutzungsbedingungen
error-title = Fehler: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Sprache:

# Who are you
sign-in-title = Anmelden
sign-in-heading = Geben Sie Ihre Telefonnummer ein
sign-in-heading-email = Geben Sie Ihre E-Mail-Adresse ein
sign-in-heading-user-id = Geben Sie Ihre Benutzer-ID ein
sign-in-heading-username = Geben Sie Ihren Benutzernamen ein
sign-in-lead = Zum Anmelden schicken wir Ihnen einen Code per SMS.
identifier-lead = Wir schicken einen Code per SMS an die Nummer in Ihrem Profil.
signed-out-expired = Ihre Sitzung ist abgelaufen, deshalb haben wir Sie abgemeldet.
signed-out-too-many-sessions = Sie sind auf so vielen Geräten angemeldet, wie gleichzeitig möglich sind. Deshalb haben wir Sie hier abgemeldet.
signed-out-revoked = Sie wurden hier von einem anderen Browser aus abgemeldet.
signed-out-by-operator = Die Administration hat Sie abgemeldet.
signed-out-other = Sie sind nicht mehr angemeldet.
code-too-old = Sie sind angemeldet, aber die gewünschte Seite braucht zuerst einen neuen Code.
code-not-by-sms = Sie sind angemeldet, aber die gewünschte Seite braucht zuerst einen Code per SMS.
phone-label = Telefonnummer
country-label = Land oder Vorwahl
country-choose = Land
phone-hint = Beispiel: { $example }. Andere Länder: mit + und der Ländervorwahl beginnen.
phone-hint-plain = Fehlt Ihr Land in der Liste? Beginnen Sie mit + und der Ländervorwahl.
email-label = E-Mail-Adresse
user-id-label = Benutzer-ID
username-label = Benutzername
identifier-label = Anmeldekennung
stay-label = Angemeldet bleiben
stay-hint = Nur auf Ihrem eigenen Gerät.
send-button = Code senden
sending = Wird gesendet…
sign-in-new = Neu bei { $brand }?
sign-in-new-link = Konto anlegen

# Sign up
sign-up-title = Konto anlegen
sign-up-heading = Legen Sie Ihr Konto an
sign-up-lead = Ihre Telefonnummer genügt. Wir schicken Ihnen einen Code per SMS, um sie zu bestätigen.
name-label = Name (optional)
sign-up-have = Sie haben schon ein Konto?
sign-up-have-link = Anmelden

# The code
code-title = Code eingeben
code-heading = Geben Sie den Code ein
code-lead = Sie erhalten den { $length }‑stelligen Code per SMS an { $to }.
code-lead-other = Sie erhalten den { $length }‑stelligen Code per SMS auf das Telefon von { $to }.
code-lead-email = Sie erhalten den { $length }‑stelligen Code per E-Mail, falls zu Ihrem Konto eine Adresse gespeichert ist.
number-ending = die Nummer mit den Endziffern { $digits }
mask-hidden = verdeckte Zeichen
code-label = Code
code-button = Anmelden
checking = Wird geprüft…
valid-for = Code noch { $time } gültig
resent = Ein neuer Code ist unterwegs. Ältere Codes gelten nicht mehr.
resent-email = Kommt ein Code per E-Mail, gelten ältere Codes nicht mehr.
expired-heading = Ihr Code ist abgelaufen
expired-lead = Codes gelten nur kurze Zeit. Fordern Sie einen neuen für { $to } an.
expired-lead-other = Codes gelten nur kurze Zeit. Fordern Sie einen neuen auf das Telefon von { $to } an.
resend-question = Keinen Code bekommen?
resend-button = Neuen Code senden
resend-button-sms = Neuen Code per SMS senden
resend-wait = Sie können in { $time } einen neuen Code anfordern.
    .case-time = dative
resend-ready = Sie können jetzt einen neuen Code anfordern.
email-button = Code stattdessen per E-Mail erhalten
other-number = Andere Nummer verwenden
other-identifier = Von vorn beginnen
blocked-heading = Zu viele Versuche
blocked-lead = Zum Schutz Ihres Kontos warten Sie bitte { $time }.
blocked-button = Noch einmal versuchen
tries-left = { $count ->
    [0] Sie haben keinen Versuch mehr.
    [one] Sie haben noch einen Versuch.
   *[other] Sie haben noch { $count } Versuche.
}
code-help = Hilfe zum Code
help-number = Prüfen Sie die Nummer oben. Wir schicken Codes nur an Nummern mit einem Konto.
help-number-sign-up = Prüfen Sie die Nummer oben. Wir schicken den Code nur dorthin.
help-identifier = Prüfen Sie Ihre Eingabe. Wir schicken den Code nur an die Telefonnummer, die zu einem Konto gespeichert ist.
help-wait = Eine SMS kann ein, zwei Minuten brauchen. Prüfen Sie den Empfang und ob Ihr Telefon unbekannte Absender blockiert.
help-email = Keine SMS? Sie können den Code stattdessen per E-Mail erhalten. Wir schicken ihn nur an die Adresse, die zu einem Konto gespeichert ist. Sehen Sie auch im Spam-Ordner nach. Wer dieses Postfach lesen kann, kann sich anmelden.
help-limits = Ein Code gilt { $lifetime } und erlaubt { $tries ->
    [one] einen Versuch
   *[other] bis zu { $tries } Versuche
}. Nach { $cooldown } können Sie einen neuen anfordern, bei weiteren dauert es länger. Nach zu vielen falschen Codes müssen Sie eventuell { $lockout } warten.
    .case-cooldown = dative
help-weaker = Eine SMS ist weniger sicher als ein Passkey oder eine App: Nachrichten lassen sich abfangen, Nummern übernehmen. Geben Sie den Code niemandem, auch uns nicht.
help-address = Wir fragen nur auf { $host } nach Codes. Geben Sie sie nirgendwo sonst ein.
help-other-way = Nach einem anderen Weg der Anmeldung fragen

# The account
account-title = Ihr Konto
account-heading = Sie sind angemeldet
account-number = Telefonnummer
account-identifier = Angemeldet als
account-since = Angemeldet seit
account-ends = Sitzung endet
account-idle = Früher, wenn Sie { $time } inaktiv sind.
sign-out-button = Abmelden
new-browser-heading = Erste Anmeldung mit diesem Browser
new-browser-text = Wenn unten ein Browser steht, der nicht Ihnen gehört, melden Sie ihn ab.
new-device-heading = Anmeldung mit einem neuen Browser
new-device-text = { $device }, { $time }.
new-device-advice = Wenn Sie das nicht waren, melden Sie unten alle anderen Browser ab und wenden Sie sich an den Support.
absent-heading = Willkommen zurück
absent-text = Ihre letzte Anmeldung war am { $time }. Wenn Sie sich nicht gerade selbst angemeldet haben, melden Sie unten alle anderen Browser ab.
sessions-heading = Wo Sie angemeldet sind
session-on = { $browser } auf { $system }
session-unknown = Unbekannter Browser
session-current = Dieser Browser
session-seen = Zuletzt aktiv: { $time }
session-since = Angemeldet: { $time }
session-end = Abmelden
sessions-others = Alle anderen Browser abmelden
idle-heading = Sind Sie noch da?
idle-text = Wir melden Sie in { $time } ab.
    .case-time = dative
idle-at = Wenn Sie inaktiv sind, melden wir Sie am { $time } ab.
idle-button = Angemeldet bleiben

# Sign out
sign-out-title = Abmelden
sign-out-heading = Möchten Sie sich abmelden?
sign-out-lead = Um sich wieder anzumelden, brauchen Sie einen neuen Code.
sign-out-back = Angemeldet bleiben
signed-out-title = Abgemeldet
signed-out-heading = Sie sind abgemeldet
signed-out-lead = In diesem Browser ist niemand angemeldet.
signed-out-button = Zurück zur Anmeldung

# Elsewhere
not-found-title = Seite nicht gefunden
not-found-lead = Unter dieser Adresse gibt es nichts. Prüfen Sie sie oder beginnen Sie von vorn.
start-button = Zurück zur Startseite
failure-title = Etwas ist schiefgegangen
failure-refused = Das können wir nicht annehmen
failure-unreadable = Das konnten wir nicht lesen
failure-wait = Bitte warten Sie einen Moment
failure-unavailable = Das geht gerade nicht
failure-reference = Wenn Sie den Support kontaktieren, nennen Sie diese Nummer:
ticket-error-used = Versuchen wir es noch einmal
ticket-error-used-lead = Dieser Link funktioniert nur einmal, eine halbe Minute lang und in einem Browser. Es ging nichts verloren.
ticket-error-no-cookie = Bitte erlauben Sie Cookies
ticket-error-no-cookie-lead = Ihr Browser hat das Cookie für die Anmeldung hier nicht behalten. Erlauben Sie Cookies für diese Website und versuchen Sie es noch einmal.

# Why not
refusal-unreadable = Wir konnten Ihre Eingabe nicht lesen. Bitte versuchen Sie es noch einmal.
refusal-too-large = Das ist zu lang. Kürzen Sie es und versuchen Sie es noch einmal.
refusal-malformed = Es fehlt etwas. Füllen Sie das Feld aus und versuchen Sie es noch einmal.
refusal-invalid-phone = Das sieht nicht nach einer vollständigen Telefonnummer aus. Prüfen Sie Land und Ziffern.
refusal-invalid-email = Das sieht nicht nach einer vollständigen E-Mail-Adresse aus. Prüfen Sie sie und versuchen Sie es noch einmal.
refusal-invalid-identifier = Das sieht unvollständig aus. Prüfen Sie es und versuchen Sie es noch einmal.
refusal-confirm-number = Ist { $number } richtig? Wenn ja, senden Sie die Nummer noch einmal ab. Wenn nicht, ändern Sie sie.
refusal-confirm-number-plain = Ist die Nummer richtig? Wenn ja, senden Sie sie noch einmal ab. Wenn nicht, ändern Sie sie.
refusal-country-not-served = An diese Art von Nummer können wir keine SMS schicken. Verwenden Sie eine Mobilnummer aus einem Land der Liste.
refusal-channel-not-offered = Auf diesem Weg kommen hier keine Codes. Fordern Sie einen neuen per SMS an.
refusal-invalid-code-format = Geben Sie alle Ziffern des Codes aus der Nachricht ein.
refusal-code-refused = Dieser Code hat nicht funktioniert. Prüfen Sie ihn oder fordern Sie einen neuen an.
refusal-not-signed-in = Sie sind abgemeldet. Melden Sie sich an, um fortzufahren.
refusal-flow-expired = Ihr Code ist abgelaufen. Fordern Sie einen neuen an.
refusal-no-flow = Es ist zu viel Zeit vergangen. Bitte beginnen Sie von vorn.
refusal-stale-flow = Sie haben in diesem Browser eine neuere Anmeldung begonnen. Für die frühere haben wir deshalb nichts geprüft oder gesendet. Verwenden Sie den neuesten Code oder beginnen Sie von vorn.
refusal-cookies-blocked = Ihr Browser hat das Cookie dieser Seite nicht behalten, deshalb haben wir nichts gesendet. Erlauben Sie Cookies für diese Website und versuchen Sie es noch einmal.
refusal-cross-origin = Diese Anfrage kam von einer fremden Adresse. Öffnen Sie die Anmeldeseite und versuchen Sie es noch einmal.
refusal-forbidden = Ihr Konto hat keinen Zugriff auf diese Seite. Wenn es ihn haben sollte, wenden Sie sich an den Support dieser Anwendung.
refusal-slow-down = Aus Sicherheitsgründen lassen sich Codes nur wenige Male hintereinander senden und eingeben. Bitte warten Sie { $time } und versuchen Sie es dann noch einmal.
refusal-slow-down-plain = Aus Sicherheitsgründen lassen sich Codes nur wenige Male hintereinander senden und eingeben. Bitte warten Sie ein wenig und versuchen Sie es dann noch einmal.
slow-down-network = Aus Ihrem Netz kamen viele Anfragen.
slow-down-country = In dieses Land gingen gerade viele Codes.
slow-down-service = Gerade versenden wir sehr viele Codes.
slow-down-resend = Sie haben schon einen Code angefordert.
slow-down-repeated = Das geschah in kurzer Zeit mehrmals.
slow-down-wait = Bitte warten Sie { $time } und versuchen Sie es dann noch einmal.
refusal-unavailable = Das Problem liegt bei uns; es ging nichts verloren. Bitte versuchen Sie es in { $time } noch einmal.
    .case-time = dative
refusal-unavailable-plain = Das Problem liegt bei uns; es ging nichts verloren. Bitte versuchen Sie es in ein paar Minuten noch einmal.
refusal-network = Wir konnten den Dienst nicht erreichen. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.
refusal-timeout = Der Dienst hat nicht rechtzeitig geantwortet. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.

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
