# Address: du.

# Every page
skip = Gå til hovedindholdet
help = Hjælp
privacy = Privatliv
terms = Vilkår
error-title = Fejl: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Sprog:

# Who are you
sign-in-title = Log ind
sign-in-heading = Indtast dit telefonnummer
sign-in-heading-email = Indtast din e-mailadresse
sign-in-heading-user-id = Indtast dit bruger-id
sign-in-heading-username = Indtast dit brugernavn
sign-in-lead = Vi sender dig en kode på sms, så du kan logge ind.
identifier-lead = Vi sender en kode på sms til telefonnummeret i din profil.
signed-out-expired = Din session er udløbet, så vi har logget dig ud.
signed-out-too-many-sessions = Du er allerede logget ind på så mange enheder, som du kan bruge samtidig, så vi har logget dig ud her.
signed-out-revoked = Du blev logget ud her fra en anden browser.
signed-out-by-operator = En administrator har logget dig ud.
signed-out-other = Du er ikke længere logget ind.
code-too-old = Du er logget ind, men siden, du vil åbne, kræver først en ny kode.
code-not-by-sms = Du er logget ind, men siden, du vil åbne, kræver først en kode på sms.
phone-label = Telefonnummer
country-label = Land eller landekode
country-choose = Land
phone-hint = Eksempel: { $example }. Andre lande: Start med + og landekoden.
phone-hint-plain = Står dit land ikke på listen? Start med + og landekoden.
email-label = E-mailadresse
user-id-label = Bruger-id
username-label = Brugernavn
identifier-label = Login-id
stay-label = Forbliv logget ind
stay-hint = Kun på din egen enhed.
send-button = Send kode
sending = Sender…
sign-in-new = Ny hos { $brand }?
sign-in-new-link = Opret en konto

# Sign up
sign-up-title = Opret en konto
sign-up-heading = Opret din konto
sign-up-lead = Du skal bare bruge et telefonnummer. Vi sender dig en kode på sms for at bekræfte det.
name-label = Navn (valgfrit)
sign-up-have = Har du allerede en konto?
sign-up-have-link = Log ind

# The code
code-title = Indtast koden
code-heading = Indtast koden
code-lead = Se, om der er kommet en sms med en kode på { $length } cifre til { $to }.
code-lead-other = Se, om der er kommet en sms med en kode på { $length } cifre på telefonen, der hører til { $to }.
code-lead-email = Se, om der er kommet en e-mail med en kode på { $length } cifre, hvis din konto har en e-mailadresse.
number-ending = nummeret, der ender på { $digits }
mask-hidden = skjulte tegn
code-label = Kode
code-button = Log ind
checking = Tjekker…
valid-for = Koden gælder i { $time }
resent = En ny kode er på vej. Ældre koder virker ikke længere.
resent-email = Hvis der kommer en kode på e-mail, virker ældre koder ikke længere.
expired-heading = Din kode er udløbet
expired-lead = Koder virker kun i kort tid. Bed om en ny til { $to }.
expired-lead-other = Koder virker kun i kort tid. Bed om en ny til telefonen, der hører til { $to }.
resend-question = Har du ikke fået koden?
resend-button = Send en ny kode
resend-button-sms = Send en ny kode på sms
resend-wait = Du kan få en ny kode om { $time }.
resend-ready = Du kan få en ny kode nu.
email-button = Få koden på e-mail i stedet
other-number = Brug et andet nummer
other-identifier = Start forfra
blocked-heading = For mange forsøg
blocked-lead = For at beskytte din konto skal du vente { $time }.
blocked-button = Prøv igen
tries-left = { $count ->
    [0] Du har ikke flere forsøg.
    [one] Du har ét forsøg tilbage.
   *[other] Du har { $count } forsøg tilbage.
}
code-help = Hjælp til koden
help-number = Tjek nummeret ovenfor. Vi sender kun koder til numre, der har en konto.
help-number-sign-up = Tjek nummeret ovenfor. Vi sender kun koden til det nummer.
help-identifier = Tjek det, du har skrevet. Vi sender kun koden til det telefonnummer, der er gemt på en konto.
help-wait = En sms kan tage et minut eller to. Tjek, om du har dækning, og om din telefon blokerer ukendte afsendere.
help-email = Ingen sms? Du kan få koden på e-mail i stedet. Vi sender den kun til den adresse, der er gemt med en konto. Kig også i spammappen. Alle, der kan læse den mailboks, kan logge ind.
help-limits = En kode gælder i { $lifetime } og giver { $tries ->
    [one] ét forsøg
   *[other] op til { $tries } forsøg
}. Du kan få en ny efter { $cooldown }; de næste tager længere tid. Efter for mange forkerte koder skal du måske vente { $lockout }.
help-weaker = En sms er mindre sikker end en adgangsnøgle eller en app: Beskeder kan opsnappes, og numre kan overtages. Del aldrig koden med nogen, heller ikke med os.
help-address = Vi beder kun om koder på { $host }. Indtast dem aldrig andre steder.
help-other-way = Spørg om en anden måde at logge ind på

# The account
account-title = Din konto
account-heading = Du er logget ind
account-number = Telefonnummer
account-identifier = Logget ind som
account-since = Logget ind siden
account-ends = Sessionen slutter
account-idle = Tidligere, hvis du er inaktiv i { $time }.
sign-out-button = Log ud
new-browser-heading = Første login med denne browser
new-browser-text = Hvis du ser en browser nedenfor, der ikke er din, så log den ud.
new-device-heading = Login med en ny browser
new-device-text = { $device }, { $time }.
new-device-advice = Hvis det ikke var dig, så log alle andre browsere ud nedenfor, og kontakt supporten.
absent-heading = Velkommen tilbage
absent-text = Du loggede senest ind den { $time }. Hvis det ikke var dig, der loggede ind lige nu, så log alle andre browsere ud nedenfor.
sessions-heading = Her er du logget ind
session-on = { $browser } på { $system }
session-unknown = Ukendt browser
session-current = Denne browser
session-seen = Sidst aktiv: { $time }
session-since = Logget ind: { $time }
session-end = Log ud
sessions-others = Log alle andre ud
idle-heading = Er du der stadig?
idle-text = Vi logger dig ud om { $time }.
idle-at = Hvis du er inaktiv, logger vi dig ud den { $time }.
idle-button = Forbliv logget ind

# Sign out
sign-out-title = Log ud
sign-out-heading = Vil du logge ud?
sign-out-lead = Du skal bruge en ny kode for at logge ind igen.
sign-out-back = Forbliv logget ind
signed-out-title = Logget ud
signed-out-heading = Du er logget ud
signed-out-lead = Ingen er logget ind i denne browser.
signed-out-button = Tilbage til login

# Elsewhere
not-found-title = Siden findes ikke
not-found-lead = Der er ikke noget på denne adresse. Tjek den, eller start forfra.
start-button = Tilbage til forsiden
failure-title = Noget gik galt
failure-refused = Det kunne vi ikke tage imod
failure-unreadable = Det kunne vi ikke læse
failure-wait = Vent et øjeblik
failure-unavailable = Det kan ikke lade sig gøre nu
failure-reference = Hvis du kontakter supporten, så oplys denne reference:
ticket-error-used = Lad os prøve igen
ticket-error-used-lead = Linket virker kun én gang, inden for et halvt minut og i én browser. Intet er gået tabt.
ticket-error-no-cookie = Tillad cookies
ticket-error-no-cookie-lead = Din browser gemte ikke den cookie, der logger dig ind her. Tillad cookies for dette websted, og prøv igen.

# Why not
refusal-unreadable = Vi kunne ikke læse det, du sendte. Prøv igen.
refusal-too-large = Det er for langt. Gør det kortere, og prøv igen.
refusal-malformed = Der mangler noget. Udfyld feltet, og prøv igen.
refusal-invalid-phone = Det ligner ikke et helt telefonnummer. Tjek landet og cifrene.
refusal-invalid-email = Det ligner ikke en hel e-mailadresse. Tjek den, og prøv igen.
refusal-invalid-identifier = Det ser ikke ud til at være komplet. Tjek det, og prøv igen.
refusal-confirm-number = Er nummeret { $number } rigtigt? Hvis det er, så send det igen. Hvis ikke, så ret det.
refusal-confirm-number-plain = Er nummeret rigtigt? Hvis det er, så send det igen. Hvis ikke, så ret det.
refusal-country-not-served = Vi kan ikke sende sms til denne slags nummer. Brug et mobilnummer fra et land på listen.
refusal-channel-not-offered = Koder kommer ikke på den måde her. Bed om en ny på sms.
refusal-invalid-code-format = Indtast alle cifrene i koden fra beskeden.
refusal-code-refused = Den kode virkede ikke. Tjek den, eller bed om en ny.
refusal-not-signed-in = Du er logget ud. Log ind for at fortsætte.
refusal-flow-expired = Din kode er udløbet. Bed om en ny.
refusal-no-flow = Der er gået for lang tid. Start forfra.
refusal-stale-flow = Du er begyndt på et nyere login i denne browser, så vi har ikke tjekket eller sendt noget til det tidligere. Brug den nyeste kode, eller start forfra.
refusal-cookies-blocked = Din browser gemte ikke denne sides cookie, så der blev ikke sendt noget. Tillad cookies for dette websted, og prøv igen.
refusal-cross-origin = Denne anmodning kom fra en anden adresse. Åbn loginsiden, og prøv igen.
refusal-forbidden = Din konto har ikke adgang til denne side. Hvis den burde have det, så kontakt supporten for denne app.
refusal-slow-down = Af sikkerhedsgrunde kan koder kun sendes og prøves nogle få gange i træk. Vent { $time }, og prøv så igen.
refusal-slow-down-plain = Af sikkerhedsgrunde kan koder kun sendes og prøves nogle få gange i træk. Vent lidt, og prøv så igen.
slow-down-network = Der er kommet mange forespørgsler fra dit netværk.
slow-down-country = Der er sendt mange koder til dette land eller område.
slow-down-service = Vi sender rigtig mange koder lige nu.
slow-down-resend = Du har allerede bedt om en kode.
slow-down-repeated = Det er gjort flere gange på kort tid.
slow-down-wait = Vent { $time }, og prøv så igen.
refusal-unavailable = Problemet er hos os, og intet er gået tabt. Prøv igen om { $time }.
refusal-unavailable-plain = Problemet er hos os, og intet er gået tabt. Prøv igen om et par minutter.
refusal-network = Vi kunne ikke få kontakt til tjenesten. Tjek din forbindelse, og prøv igen.
refusal-timeout = Tjenesten svarede ikke i tide. Tjek din forbindelse, og prøv igen.

# Time
seconds = { $count ->
    [one] { $count } sekund
   *[other] { $count } sekunder
}
minutes = { $count ->
    [one] { $count } minut
   *[other] { $count } minutter
}
hours = { $count ->
    [one] { $count } time
   *[other] { $count } timer
}
days = { $count ->
    [one] { $count } dag
   *[other] { $count } dage
}
date = { $day }. { $month } { $year } kl. { $clock } UTC
month-1 = januar
month-2 = februar
month-3 = marts
month-4 = april
month-5 = maj
month-6 = juni
month-7 = juli
month-8 = august
month-9 = september
month-10 = oktober
month-11 = november
month-12 = december

# The text message. GSM-7 characters where the language allows.
message = Din kode til { $app } er { $otp }. Del den aldrig med nogen.
