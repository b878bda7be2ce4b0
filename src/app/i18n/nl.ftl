# Address: je.

# Every page
skip = Naar de hoofdinhoud
help = Hulp
privacy = Privacybeleid
terms = Voorwaarden
error-title = Fout: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Taal:

# Who are you
sign-in-title = Inloggen
sign-in-heading = Vul je telefoonnummer in
sign-in-heading-email = Vul je e-mailadres in
sign-in-heading-user-id = Vul je gebruikers-ID in
sign-in-heading-username = Vul je gebruikersnaam in
sign-in-lead = Om in te loggen sturen we je een code per sms.
identifier-lead = We sturen een code per sms naar het telefoonnummer in je profiel.
signed-out-expired = Je sessie is verlopen. Daarom hebben we je uitgelogd.
signed-out-too-many-sessions = Je bent al op het maximale aantal apparaten tegelijk ingelogd. Daarom hebben we je hier uitgelogd.
signed-out-revoked = Je bent hier uitgelogd vanuit een andere browser.
signed-out-by-operator = Een beheerder heeft je uitgelogd.
signed-out-other = Je bent niet meer ingelogd.
code-too-old = Je bent ingelogd, maar voor deze pagina heb je eerst een nieuwe code nodig.
code-not-by-sms = Je bent ingelogd, maar voor deze pagina heb je eerst een code per sms nodig.
phone-label = Telefoonnummer
country-label = Land of landnummer
country-choose = Land
phone-hint = Voorbeeld: { $example }. Ander land: begin met + en het landnummer.
phone-hint-plain = Staat je land niet in de lijst? Begin met + en het landnummer.
email-label = E-mailadres
user-id-label = Gebruikers-ID
username-label = Gebruikersnaam
identifier-label = Login-ID
stay-label = Ingelogd blijven
stay-hint = Alleen op je eigen apparaat.
send-button = Code versturen
sending = Versturen…
sign-in-new = Nieuw bij { $brand }?
sign-in-new-link = Account aanmaken

# Sign up
sign-up-title = Account aanmaken
sign-up-heading = Maak je account aan
sign-up-lead = Je hebt alleen een telefoonnummer nodig. We sturen je een code per sms om het te bevestigen.
name-label = Naam (optioneel)
sign-up-have = Heb je al een account?
sign-up-have-link = Inloggen

# The code
code-title = Vul de code in
code-heading = Vul de code in
code-lead = Kijk of er op { $to } een sms is binnengekomen met een code van { $length } cijfers.
code-lead-other = Kijk of er op de telefoon van { $to } een sms is binnengekomen met een code van { $length } cijfers.
code-lead-email = Kijk of er een e-mail is binnengekomen met een code van { $length } cijfers, als je account een e-mailadres heeft.
number-ending = het nummer dat eindigt op { $digits }
mask-hidden = verborgen tekens
code-label = Code
code-button = Inloggen
checking = Controleren…
valid-for = Code nog { $time } geldig
resent = Er is een nieuwe code onderweg. Oudere codes werken niet meer.
resent-email = Als er een code per e-mail komt, werken oudere codes niet meer.
expired-heading = Je code is verlopen
expired-lead = Codes werken maar kort. Vraag een nieuwe aan voor { $to }.
expired-lead-other = Codes werken maar kort. Vraag een nieuwe aan voor de telefoon van { $to }.
resend-question = Geen code gekregen?
resend-button = Nieuwe code versturen
resend-button-sms = Nieuwe code per sms versturen
resend-wait = Je kunt over { $time } een nieuwe code aanvragen.
resend-ready = Je kunt nu een nieuwe code aanvragen.
email-button = De code liever per e-mail ontvangen
other-number = Ander nummer gebruiken
other-identifier = Opnieuw beginnen
blocked-heading = Te veel pogingen
blocked-lead = Wacht { $time }. Zo beschermen we je account.
blocked-button = Opnieuw proberen
tries-left = { $count ->
    [0] Je hebt geen pogingen meer.
    [one] Je hebt nog één poging.
   *[other] Je hebt nog { $count } pogingen.
}
code-help = Hulp bij de code
help-number = Controleer het nummer hierboven. We sturen alleen codes naar nummers met een account.
help-number-sign-up = Controleer het nummer hierboven. We sturen de code alleen daarheen.
help-identifier = Controleer wat je hebt ingevuld. We sturen de code alleen naar het telefoonnummer dat bij een account is opgeslagen.
help-wait = Een sms kan een minuut of twee onderweg zijn. Controleer of je bereik hebt en of je telefoon onbekende afzenders blokkeert.
help-email = Geen sms? Je kunt de code ook per e-mail krijgen. We sturen die alleen naar het adres dat bij een account is opgeslagen. Kijk ook in de spammap. Iedereen die die mailbox kan lezen, kan inloggen.
help-limits = Een code is { $lifetime } geldig en je hebt er { $tries ->
    [one] één poging
   *[other] maximaal { $tries } pogingen
} voor. Na { $cooldown } kun je een nieuwe aanvragen; daarna duurt het langer. Na te veel verkeerde codes moet je misschien { $lockout } wachten.
help-weaker = Een sms is minder veilig dan een passkey of een app: berichten kunnen worden onderschept en nummers kunnen worden overgenomen. Geef de code nooit aan iemand anders, ook niet aan ons.
help-address = We vragen alleen op { $host } om codes. Vul ze nergens anders in.
help-other-way = Vragen naar een andere manier om in te loggen

# The account
account-title = Je account
account-heading = Je bent ingelogd
account-number = Telefoonnummer
account-identifier = Ingelogd als
account-since = Ingelogd sinds
account-ends = Sessie eindigt op
account-idle = Eerder als je { $time } niets doet.
sign-out-button = Uitloggen
new-browser-heading = Eerste login met deze browser
new-browser-text = Zie je hieronder een browser die niet van jou is? Log die dan uit.
new-device-heading = Ingelogd met een nieuwe browser
new-device-text = { $device }, { $time }.
new-device-advice = Was jij dit niet? Log dan hieronder alle andere browsers uit en neem contact op met support.
absent-heading = Welkom terug
absent-text = Je hebt voor het laatst ingelogd op { $time }. Heb je net niet zelf ingelogd? Log dan hieronder alle andere browsers uit.
sessions-heading = Waar je bent ingelogd
session-on = { $browser } op { $system }
session-unknown = Onbekende browser
session-current = Deze browser
session-seen = Laatst actief: { $time }
session-since = Ingelogd: { $time }
session-end = Uitloggen
sessions-others = Alle andere uitloggen
idle-heading = Ben je er nog?
idle-text = We loggen je over { $time } uit.
idle-at = Als je niets doet, loggen we je uit op { $time }.
idle-button = Ingelogd blijven

# Sign out
sign-out-title = Uitloggen
sign-out-heading = Wil je uitloggen?
sign-out-lead = Om weer in te loggen heb je een nieuwe code nodig.
sign-out-back = Ingelogd blijven
signed-out-title = Uitgelogd
signed-out-heading = Je bent uitgelogd
signed-out-lead = In deze browser is niemand ingelogd.
signed-out-button = Terug naar inloggen

# Elsewhere
not-found-title = Pagina niet gevonden
not-found-lead = Op dit adres is niets te vinden. Controleer het of begin opnieuw.
start-button = Naar de startpagina
failure-title = Er ging iets mis
failure-refused = Dit kunnen we niet accepteren
failure-unreadable = Dit konden we niet lezen
failure-wait = Wacht even
failure-unavailable = Dit lukt nu even niet
failure-reference = Neem je contact op met support? Noem dan dit kenmerk:
ticket-error-used = Laten we het opnieuw proberen
ticket-error-used-lead = Deze link werkt maar één keer, een halve minuut lang en in één browser. Er is niets verloren gegaan.
ticket-error-no-cookie = Sta cookies toe
ticket-error-no-cookie-lead = Je browser heeft de cookie niet bewaard waarmee je hier inlogt. Sta cookies toe voor deze site en probeer het opnieuw.

# Why not
refusal-unreadable = We konden niet lezen wat je hebt gestuurd. Probeer het opnieuw.
refusal-too-large = Dit is te lang. Maak het korter en probeer het opnieuw.
refusal-malformed = Er ontbreekt iets. Vul het veld in en probeer het opnieuw.
refusal-invalid-phone = Dit lijkt geen volledig telefoonnummer. Controleer het land en de cijfers.
refusal-invalid-email = Dit lijkt geen volledig e-mailadres. Controleer het en probeer het opnieuw.
refusal-invalid-identifier = Dit lijkt niet volledig. Controleer het en probeer het opnieuw.
refusal-confirm-number = Klopt het nummer { $number }? Zo ja, verstuur het dan nog een keer. Zo niet, pas het dan aan.
refusal-confirm-number-plain = Klopt het nummer? Zo ja, verstuur het dan nog een keer. Zo niet, pas het dan aan.
refusal-country-not-served = Naar dit soort nummers kunnen we geen sms sturen. Gebruik een mobiel nummer uit een land in de lijst.
refusal-channel-not-offered = Codes komen hier niet op die manier. Vraag een nieuwe aan per sms.
refusal-invalid-code-format = Vul alle cijfers in van de code uit het bericht.
refusal-code-refused = Die code werkte niet. Controleer de code of vraag een nieuwe aan.
refusal-not-signed-in = Je bent uitgelogd. Log in om verder te gaan.
refusal-flow-expired = Je code is verlopen. Vraag een nieuwe aan.
refusal-no-flow = Er is te veel tijd verstreken. Begin opnieuw.
refusal-stale-flow = Je bent in deze browser opnieuw begonnen met inloggen. Daarom hebben we voor de eerdere poging niets gecontroleerd of verstuurd. Gebruik de nieuwste code of begin opnieuw.
refusal-cookies-blocked = Je browser heeft de cookie van deze pagina niet bewaard. Daarom is er niets verstuurd. Sta cookies toe voor deze site en probeer het opnieuw.
refusal-cross-origin = Dit verzoek kwam van een ander adres. Open de inlogpagina en probeer het opnieuw.
refusal-forbidden = Je account heeft geen toegang tot deze pagina. Zou dat wel zo moeten zijn? Neem dan contact op met support van deze applicatie.
refusal-slow-down = Voor de veiligheid kun je codes maar een paar keer achter elkaar versturen en invullen. Wacht { $time } en probeer het dan opnieuw.
refusal-slow-down-plain = Voor de veiligheid kun je codes maar een paar keer achter elkaar versturen en invullen. Wacht even en probeer het dan opnieuw.
slow-down-network = Er zijn veel verzoeken vanaf je netwerk gekomen.
slow-down-country = Er zijn veel codes naar dit land of gebied gestuurd.
slow-down-service = We versturen op dit moment heel veel codes.
slow-down-resend = Je hebt al een code aangevraagd.
slow-down-repeated = Dit is kort na elkaar meerdere keren gedaan.
slow-down-wait = Wacht { $time } en probeer het dan opnieuw.
refusal-unavailable = Het probleem ligt bij ons; er is niets verloren gegaan. Probeer het over { $time } opnieuw.
refusal-unavailable-plain = Het probleem ligt bij ons; er is niets verloren gegaan. Probeer het over een paar minuten opnieuw.
refusal-network = We kunnen de dienst niet bereiken. Controleer je verbinding en probeer het opnieuw.
refusal-timeout = De dienst gaf niet op tijd antwoord. Controleer je verbinding en probeer het opnieuw.

# Time
seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } seconden
}
minutes = { $count ->
    [one] { $count } minuut
   *[other] { $count } minuten
}
hours = { $count ->
    [one] { $count } uur
   *[other] { $count } uur
}
days = { $count ->
    [one] { $count } dag
   *[other] { $count } dagen
}
date = { $day } { $month } { $year } om { $clock } UTC
month-1 = januari
month-2 = februari
month-3 = maart
month-4 = april
month-5 = mei
month-6 = juni
month-7 = juli
month-8 = augustus
month-9 = september
month-10 = oktober
month-11 = november
month-12 = december

# The text message. GSM-7 characters where the language allows.
message = Je code voor { $app } is { $otp }. Deel deze code met niemand.
