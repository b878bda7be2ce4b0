# Address: du.

# Every page
skip = Hoppa till huvudinnehållet
help = Hjälp
privacy = Integritet
terms = Villkor
error-title = Fel: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Språk:

# Who are you
sign-in-title = Logga in
sign-in-heading = Ange ditt telefonnummer
sign-in-heading-email = Ange din e-postadress
sign-in-heading-user-id = Ange ditt användar-id
sign-in-heading-username = Ange ditt användarnamn
sign-in-lead = Vi skickar en inloggningskod till dig via sms.
identifier-lead = Vi skickar en kod via sms till telefonnumret i din profil.
signed-out-expired = Din session har gått ut, så vi har loggat ut dig.
signed-out-too-many-sessions = Du är redan inloggad på så många enheter som du kan använda samtidigt, så vi har loggat ut dig här.
signed-out-revoked = Du blev utloggad här från en annan webbläsare.
signed-out-by-operator = En administratör har loggat ut dig.
signed-out-other = Du är inte längre inloggad.
code-too-old = Du är inloggad, men sidan du vill öppna kräver först en ny kod.
code-not-by-sms = Du är inloggad, men sidan du vill öppna kräver först en kod via sms.
phone-label = Telefonnummer
country-label = Land eller landsnummer
country-choose = Land
phone-hint = Exempel: { $example }. Andra länder: börja med + och landsnumret.
phone-hint-plain = Finns inte ditt land i listan? Börja med + och landsnumret.
email-label = E-postadress
user-id-label = Användar-id
username-label = Användarnamn
identifier-label = Inloggnings-id
stay-label = Förbli inloggad
stay-hint = Bara på din egen enhet.
send-button = Skicka kod
sending = Skickar…
sign-in-new = Ny hos { $brand }?
sign-in-new-link = Skapa ett konto

# Sign up
sign-up-title = Skapa ett konto
sign-up-heading = Skapa ditt konto
sign-up-lead = Allt du behöver är ett telefonnummer. Vi skickar en kod via sms för att bekräfta det.
name-label = Namn (valfritt)
sign-up-have = Har du redan ett konto?
sign-up-have-link = Logga in

# The code
code-title = Ange koden
code-heading = Ange koden
code-lead = Se efter om det har kommit ett sms till { $to } med en kod på { $length } siffror.
code-lead-other = Se efter om det har kommit ett sms med en kod på { $length } siffror på telefonen som hör till { $to }.
code-lead-email = Se efter om det har kommit ett mejl med en kod på { $length } siffror, om ditt konto har en e-postadress.
number-ending = numret som slutar på { $digits }
mask-hidden = dolda tecken
code-label = Kod
code-button = Logga in
checking = Kontrollerar…
valid-for = Koden gäller i { $time }
resent = En ny kod är på väg. Äldre koder fungerar inte längre.
resent-email = Om en kod kommer via mejl fungerar äldre koder inte längre.
expired-heading = Koden har gått ut
expired-lead = Koder gäller bara en kort stund. Begär en ny för { $to }.
expired-lead-other = Koder gäller bara en kort stund. Begär en ny till telefonen som hör till { $to }.
resend-question = Fick du ingen kod?
resend-button = Skicka en ny kod
resend-button-sms = Skicka en ny kod via sms
resend-wait = Du kan begära en ny kod om { $time }.
resend-ready = Nu kan du begära en ny kod.
email-button = Få koden via mejl i stället
other-number = Använd ett annat nummer
other-identifier = Börja om
blocked-heading = För många försök
blocked-lead = För att skydda ditt konto behöver du vänta { $time }.
blocked-button = Försök igen
tries-left = { $count ->
    [0] Du har inga försök kvar.
    [one] Du har ett försök kvar.
   *[other] Du har { $count } försök kvar.
}
code-help = Hjälp med koden
help-number = Kontrollera numret ovan. Vi skickar bara koder till nummer som har ett konto.
help-number-sign-up = Kontrollera numret ovan. Vi skickar koden bara dit.
help-identifier = Kontrollera det du skrev. Vi skickar bara koden till telefonnumret som är sparat på ett konto.
help-wait = Ett sms kan ta någon minut. Kontrollera täckningen och om telefonen blockerar okända avsändare.
help-email = Inget sms? Du kan få koden via mejl i stället. Vi skickar den bara till adressen som är sparad med ett konto. Titta även i skräpposten. Alla som kan läsa den brevlådan kan logga in.
help-limits = En kod gäller i { $lifetime } och ger { $tries ->
    [one] ett försök
   *[other] upp till { $tries } försök
}. Du kan begära en ny efter { $cooldown }; därefter tar det längre tid. Efter för många felaktiga koder kan du behöva vänta { $lockout }.
help-weaker = Ett sms är mindre säkert än en lösennyckel eller en app: meddelanden kan fångas upp och nummer kan tas över. Dela aldrig koden med någon, inte ens med oss.
help-address = Vi ber bara om koder på { $host }. Ange dem aldrig någon annanstans.
help-other-way = Fråga om ett annat sätt att logga in

# The account
account-title = Ditt konto
account-heading = Du är inloggad
account-number = Telefonnummer
account-identifier = Inloggad som
account-since = Inloggad sedan
account-ends = Sessionen slutar
account-idle = Tidigare om du är inaktiv i { $time }.
sign-out-button = Logga ut
new-browser-heading = Första gången i den här webbläsaren
new-browser-text = Ser du en webbläsare nedan som inte är din? Logga ut den.
new-device-heading = Inloggning i en ny webbläsare
new-device-text = { $device }, { $time }.
new-device-advice = Var det inte du? Logga ut alla andra webbläsare nedan och kontakta supporten.
absent-heading = Välkommen tillbaka
absent-text = Du loggade senast in den { $time }. Var det inte du som loggade in nyss? Logga ut alla andra webbläsare nedan.
sessions-heading = Här är du inloggad
session-on = { $browser } på { $system }
session-unknown = Okänd webbläsare
session-current = Den här webbläsaren
session-seen = Senast aktiv: { $time }
session-since = Inloggad: { $time }
session-end = Logga ut
sessions-others = Logga ut alla andra
idle-heading = Är du kvar?
idle-text = Vi loggar ut dig om { $time }.
idle-at = Om du är inaktiv loggar vi ut dig den { $time }.
idle-button = Förbli inloggad

# Sign out
sign-out-title = Logga ut
sign-out-heading = Vill du logga ut?
sign-out-lead = Du behöver en ny kod för att logga in igen.
sign-out-back = Förbli inloggad
signed-out-title = Utloggad
signed-out-heading = Du är utloggad
signed-out-lead = Ingen är inloggad i den här webbläsaren.
signed-out-button = Till inloggningen

# Elsewhere
not-found-title = Sidan finns inte
not-found-lead = Det finns inget på den här adressen. Kontrollera den eller börja om.
start-button = Till startsidan
failure-title = Något gick fel
failure-refused = Vi kunde inte godta detta
failure-unreadable = Vi kunde inte läsa detta
failure-wait = Vänta ett ögonblick
failure-unavailable = Det går inte just nu
failure-reference = Uppge den här referensen om du kontaktar supporten:
ticket-error-used = Försök en gång till
ticket-error-used-lead = Länken fungerar bara en gång, inom en halv minut och i en webbläsare. Inget har gått förlorat.
ticket-error-no-cookie = Tillåt cookies
ticket-error-no-cookie-lead = Webbläsaren sparade inte den cookie som loggar in dig här. Tillåt cookies för webbplatsen och försök igen.

# Why not
refusal-unreadable = Vi kunde inte läsa det du skickade. Försök igen.
refusal-too-large = Det är för långt. Korta ner det och försök igen.
refusal-malformed = Något saknas. Fyll i fältet och försök igen.
refusal-invalid-phone = Det ser inte ut som ett fullständigt telefonnummer. Kontrollera landet och siffrorna.
refusal-invalid-email = Det ser inte ut som en fullständig e-postadress. Kontrollera den och försök igen.
refusal-invalid-identifier = Det ser inte fullständigt ut. Kontrollera och försök igen.
refusal-confirm-number = Stämmer numret { $number }? Skicka det i så fall igen. Ändra det annars.
refusal-confirm-number-plain = Stämmer numret? Skicka det i så fall igen. Ändra det annars.
refusal-country-not-served = Vi kan inte skicka sms till den typen av nummer. Använd ett mobilnummer från ett land i listan.
refusal-channel-not-offered = Koder kommer inte på det sättet här. Begär en ny via sms.
refusal-invalid-code-format = Ange alla siffror i koden från meddelandet.
refusal-code-refused = Den koden fungerade inte. Kontrollera den eller begär en ny.
refusal-not-signed-in = Du är utloggad. Logga in för att fortsätta.
refusal-flow-expired = Koden har gått ut. Begär en ny.
refusal-no-flow = Det har gått för lång tid. Börja om.
refusal-stale-flow = Du har påbörjat en nyare inloggning i den här webbläsaren. Därför har vi inte kontrollerat eller skickat något för den tidigare. Använd den senaste koden eller börja om.
refusal-cookies-blocked = Webbläsaren sparade inte cookien från den här sidan, så inget skickades. Tillåt cookies för webbplatsen och försök igen.
refusal-cross-origin = Begäran kom från en annan adress. Öppna inloggningssidan och försök igen.
refusal-forbidden = Ditt konto har inte åtkomst till den här sidan. Kontakta applikationens support om det borde ha det.
refusal-slow-down = Av säkerhetsskäl kan koder bara skickas och provas några få gånger i rad. Vänta { $time } och försök sedan igen.
refusal-slow-down-plain = Av säkerhetsskäl kan koder bara skickas och provas några få gånger i rad. Vänta en stund och försök sedan igen.
slow-down-network = Många förfrågningar har kommit från ditt nätverk.
slow-down-country = Många koder har skickats till det här landet eller området.
slow-down-service = Vi skickar väldigt många koder just nu.
slow-down-resend = Du har redan begärt en kod.
slow-down-repeated = Det här har gjorts flera gånger på kort tid.
slow-down-wait = Vänta { $time } och försök sedan igen.
refusal-unavailable = Felet ligger hos oss och inget har gått förlorat. Försök igen om { $time }.
refusal-unavailable-plain = Felet ligger hos oss och inget har gått förlorat. Försök igen om några minuter.
refusal-network = Vi kunde inte nå tjänsten. Kontrollera din anslutning och försök igen.
refusal-timeout = Tjänsten svarade inte i tid. Kontrollera din anslutning och försök igen.

# Time
seconds = { $count ->
    [one] { $count } sekund
   *[other] { $count } sekunder
}
minutes = { $count ->
    [one] { $count } minut
   *[other] { $count } minuter
}
hours = { $count ->
    [one] { $count } timme
   *[other] { $count } timmar
}
days = { $count ->
    [one] { $count } dygn
   *[other] { $count } dygn
}
date = { $day } { $month } { $year } kl. { $clock } UTC
month-1 = januari
month-2 = februari
month-3 = mars
month-4 = april
month-5 = maj
month-6 = juni
month-7 = juli
month-8 = augusti
month-9 = september
month-10 = oktober
month-11 = november
month-12 = december

# The text message. GSM-7 characters where the language allows.
message = Din kod för { $app } är { $otp }. Dela den aldrig med någon.
