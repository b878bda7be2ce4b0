# Address: du.

# Every page
skip = Gå til hovedinnholdet
help = Hjelp
privacy = Personvern
terms = Vilkår
error-title = Feil: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Språk:

# Who are you
sign-in-title = Logg inn
sign-in-heading = Skriv inn telefonnummeret ditt
sign-in-heading-email = Skriv inn e-postadressen din
sign-in-heading-user-id = Skriv inn bruker-ID-en din
sign-in-heading-username = Skriv inn brukernavnet ditt
sign-in-lead = Vi sender deg en kode på SMS, så du kan logge inn.
identifier-lead = Vi sender en kode på SMS til telefonnummeret i profilen din.
signed-out-expired = Økten din er utløpt, så vi har logget deg ut.
signed-out-too-many-sessions = Du er allerede logget inn på så mange enheter som du kan bruke samtidig, så vi har logget deg ut her.
signed-out-revoked = Du ble logget ut her fra en annen nettleser.
signed-out-by-operator = En administrator har logget deg ut.
signed-out-other = Du er ikke lenger logget inn.
code-too-old = Du er logget inn, men siden du vil åpne, krever først en ny kode.
code-not-by-sms = Du er logget inn, men siden du vil åpne, krever først en kode på SMS.
phone-label = Telefonnummer
country-label = Land eller landkode
country-choose = Land
phone-hint = Eksempel: { $example }. Andre land: start med + og landkoden.
phone-hint-plain = Står ikke landet ditt på listen? Start med + og landkoden.
email-label = E-postadresse
user-id-label = Bruker-ID
username-label = Brukernavn
identifier-label = Innloggings-ID
stay-label = Forbli logget inn
stay-hint = Bare på din egen enhet.
send-button = Send kode
sending = Sender …
sign-in-new = Ny hos { $brand }?
sign-in-new-link = Opprett en konto

# Sign up
sign-up-title = Opprett en konto
sign-up-heading = Opprett kontoen din
sign-up-lead = Alt du trenger, er et telefonnummer. Vi sender deg en kode på SMS for å bekrefte det.
name-label = Navn (valgfritt)
sign-up-have = Har du allerede en konto?
sign-up-have-link = Logg inn

# The code
code-title = Skriv inn koden
code-heading = Skriv inn koden
code-lead = Se om det har kommet en SMS med en kode på { $length } sifre til { $to }.
code-lead-other = Se om det har kommet en SMS med en kode på { $length } sifre på telefonen til { $to }.
code-lead-email = Se om det har kommet en e-post med en kode på { $length } sifre, hvis kontoen din har en e-postadresse.
number-ending = nummeret som slutter på { $digits }
mask-hidden = skjulte tegn
code-label = Kode
code-button = Logg inn
checking = Sjekker …
valid-for = Koden gjelder i { $time }
resent = En ny kode er på vei. Eldre koder virker ikke lenger.
resent-email = Hvis det kommer en kode på e-post, virker ikke eldre koder lenger.
expired-heading = Koden din er utløpt
expired-lead = Koder virker bare en kort stund. Be om en ny til { $to }.
expired-lead-other = Koder virker bare en kort stund. Be om en ny til telefonen som hører til { $to }.
resend-question = Fikk du ikke koden?
resend-button = Send en ny kode
resend-button-sms = Send en ny kode på SMS
resend-wait = Du kan få en ny kode om { $time }.
resend-ready = Du kan få en ny kode nå.
email-button = Få koden på e-post i stedet
other-number = Bruk et annet nummer
other-identifier = Start på nytt
blocked-heading = For mange forsøk
blocked-lead = For å beskytte kontoen din må du vente { $time }.
blocked-button = Prøv igjen
tries-left = { $count ->
    [0] Du har ingen forsøk igjen.
    [one] Du har ett forsøk igjen.
   *[other] Du har { $count } forsøk igjen.
}
code-help = Hjelp med koden
help-number = Sjekk nummeret over. Vi sender bare koder til numre som har en konto.
help-number-sign-up = Sjekk nummeret over. Vi sender koden bare dit.
help-identifier = Sjekk det du skrev. Vi sender koden bare til telefonnummeret som er lagret på en konto.
help-wait = En SMS kan ta et minutt eller to. Sjekk dekningen, og om telefonen blokkerer ukjente avsendere.
help-email = Ingen SMS? Du kan få koden på e-post i stedet. Vi sender den bare til adressen som er lagret med en konto. Se også i søppelposten. Alle som kan lese den postkassen, kan logge inn.
help-limits = En kode gjelder i { $lifetime } og gir { $tries ->
    [one] ett forsøk
   *[other] opptil { $tries } forsøk
}. Du kan få en ny etter { $cooldown }; de neste tar lengre tid. Etter for mange feil koder må du kanskje vente { $lockout }.
help-weaker = En SMS er mindre sikker enn en passnøkkel eller en app: Meldinger kan fanges opp, og numre kan overtas. Del aldri koden med noen, ikke engang med oss.
help-address = Vi ber bare om koder på { $host }. Skriv dem aldri inn andre steder.
help-other-way = Spør om en annen måte å logge inn på

# The account
account-title = Kontoen din
account-heading = Du er logget inn
account-number = Telefonnummer
account-identifier = Logget inn som
account-since = Logget inn siden
account-ends = Økten slutter
account-idle = Tidligere hvis du er inaktiv i { $time }.
sign-out-button = Logg ut
new-browser-heading = Første gang i denne nettleseren
new-browser-text = Hvis du ser en nettleser nedenfor som ikke er din, bør du logge den ut.
new-device-heading = Innlogging i en ny nettleser
new-device-text = { $device }, { $time }.
new-device-advice = Hvis dette ikke var deg, bør du logge ut alle andre nettlesere nedenfor og kontakte brukerstøtten.
absent-heading = Velkommen tilbake
absent-text = Du logget sist inn { $time }. Hvis det ikke var du som logget inn nå, bør du logge ut alle andre nettlesere nedenfor.
sessions-heading = Her er du logget inn
session-on = { $browser } på { $system }
session-unknown = Ukjent nettleser
session-current = Denne nettleseren
session-seen = Sist aktiv: { $time }
session-since = Logget inn: { $time }
session-end = Logg ut
sessions-others = Logg ut alle andre
idle-heading = Er du der fortsatt?
idle-text = Vi logger deg ut om { $time }.
idle-at = Hvis du er inaktiv, logger vi deg ut { $time }.
idle-button = Forbli logget inn

# Sign out
sign-out-title = Logg ut
sign-out-heading = Vil du logge ut?
sign-out-lead = Du trenger en ny kode for å logge inn igjen.
sign-out-back = Forbli logget inn
signed-out-title = Logget ut
signed-out-heading = Du er logget ut
signed-out-lead = Ingen er logget inn i denne nettleseren.
signed-out-button = Tilbake til innlogging

# Elsewhere
not-found-title = Fant ikke siden
not-found-lead = Det er ingenting på denne adressen. Sjekk den, eller start på nytt.
start-button = Tilbake til startsiden
failure-title = Noe gikk galt
failure-refused = Vi kunne ikke godta dette
failure-unreadable = Vi kunne ikke lese dette
failure-wait = Vent litt
failure-unavailable = Dette går ikke akkurat nå
failure-reference = Oppgi denne referansen hvis du kontakter brukerstøtten:
ticket-error-used = La oss prøve igjen
ticket-error-used-lead = Denne lenken virker bare én gang, innen et halvt minutt og i én nettleser. Ingenting er gått tapt.
ticket-error-no-cookie = Tillat informasjonskapsler
ticket-error-no-cookie-lead = Nettleseren tok ikke vare på informasjonskapselen som logger deg inn her. Tillat informasjonskapsler for dette nettstedet, og prøv igjen.

# Why not
refusal-unreadable = Vi kunne ikke lese det du sendte. Prøv igjen.
refusal-too-large = Dette er for langt. Gjør det kortere, og prøv igjen.
refusal-malformed = Noe mangler. Fyll ut feltet, og prøv igjen.
refusal-invalid-phone = Dette ser ikke ut som et helt telefonnummer. Sjekk landet og sifrene.
refusal-invalid-email = Dette ser ikke ut som en hel e-postadresse. Sjekk den, og prøv igjen.
refusal-invalid-identifier = Dette ser ikke ut til å være fullstendig. Sjekk det, og prøv igjen.
refusal-confirm-number = Stemmer nummeret { $number }? Send det i så fall på nytt. Hvis ikke, må du rette det.
refusal-confirm-number-plain = Stemmer nummeret? Send det i så fall på nytt. Hvis ikke, må du rette det.
refusal-country-not-served = Vi kan ikke sende SMS til denne typen nummer. Bruk et mobilnummer fra et land på listen.
refusal-channel-not-offered = Koder kommer ikke på den måten her. Be om en ny på SMS.
refusal-invalid-code-format = Skriv inn alle sifrene i koden fra meldingen.
refusal-code-refused = Den koden virket ikke. Sjekk den, eller be om en ny.
refusal-not-signed-in = Du er logget ut. Logg inn for å fortsette.
refusal-flow-expired = Koden din er utløpt. Be om en ny.
refusal-no-flow = Det har gått for lang tid. Start på nytt.
refusal-stale-flow = Du har begynt på en nyere innlogging i denne nettleseren, så vi har ikke sjekket eller sendt noe for den forrige. Bruk den nyeste koden, eller start på nytt.
refusal-cookies-blocked = Nettleseren tok ikke vare på informasjonskapselen fra denne siden, så ingenting ble sendt. Tillat informasjonskapsler for dette nettstedet, og prøv igjen.
refusal-cross-origin = Denne forespørselen kom fra en annen adresse. Åpne innloggingssiden, og prøv igjen.
refusal-forbidden = Kontoen din har ikke tilgang til denne siden. Hvis den burde ha det, kan du kontakte brukerstøtten for denne appen.
refusal-slow-down = Av sikkerhetsgrunner kan koder bare sendes og prøves noen få ganger på rad. Vent { $time }, og prøv så igjen.
refusal-slow-down-plain = Av sikkerhetsgrunner kan koder bare sendes og prøves noen få ganger på rad. Vent litt, og prøv så igjen.
slow-down-network = Det har kommet mange forespørsler fra nettverket ditt.
slow-down-country = Det er sendt mange koder til dette landet eller området.
slow-down-service = Vi sender svært mange koder akkurat nå.
slow-down-resend = Du har allerede bedt om en kode.
slow-down-repeated = Dette er gjort flere ganger på kort tid.
slow-down-wait = Vent { $time }, og prøv så igjen.
refusal-unavailable = Problemet er hos oss, og ingenting er gått tapt. Prøv igjen om { $time }.
refusal-unavailable-plain = Problemet er hos oss, og ingenting er gått tapt. Prøv igjen om noen minutter.
refusal-network = Vi fikk ikke kontakt med tjenesten. Sjekk forbindelsen, og prøv igjen.
refusal-timeout = Tjenesten svarte ikke i tide. Sjekk forbindelsen, og prøv igjen.

# Time
seconds = { $count ->
    [one] { $count } sekund
   *[other] { $count } sekunder
}
minutes = { $count ->
    [one] { $count } minutt
   *[other] { $count } minutter
}
hours = { $count ->
    [one] { $count } time
   *[other] { $count } timer
}
days = { $count ->
    [one] { $count } døgn
   *[other] { $count } døgn
}
date = { $day }. { $month } { $year } kl. { $clock } UTC
month-1 = januar
month-2 = februar
month-3 = mars
month-4 = april
month-5 = mai
month-6 = juni
month-7 = juli
month-8 = august
month-9 = september
month-10 = oktober
month-11 = november
month-12 = desember

# The text message. GSM-7 characters where the language allows.
message = Koden din for { $app } er { $otp }. Del den aldri med noen.
