# Address: sinä (second person singular).

# Every page
skip = Siirry pääsisältöön
help = Ohje
privacy = Tietosuoja
terms = Käyttöehdot
error-title = Virhe: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Kieli:

# Who are you
sign-in-title = Kirjaudu sisään
sign-in-heading = Anna puhelinnumerosi
sign-in-heading-email = Anna sähköpostiosoitteesi
sign-in-heading-user-id = Anna käyttäjätunnuksesi
sign-in-heading-username = Anna käyttäjänimesi
sign-in-lead = Lähetämme kirjautumiskoodin tekstiviestillä.
identifier-lead = Lähetämme koodin tekstiviestillä profiilisi puhelinnumeroon.
signed-out-expired = Istuntosi vanheni, joten kirjasimme sinut ulos.
signed-out-too-many-sessions = Olet jo kirjautuneena niin monella laitteella kuin samaan aikaan on mahdollista, joten kirjasimme sinut ulos täältä.
signed-out-revoked = Sinut kirjattiin ulos täältä toisella selaimella.
signed-out-by-operator = Ylläpitäjä kirjasi sinut ulos.
signed-out-other = Et ole enää kirjautuneena sisään.
code-too-old = Olet kirjautunut sisään, mutta avaamasi sivu vaatii ensin uuden koodin.
code-not-by-sms = Olet kirjautunut sisään, mutta avaamasi sivu vaatii ensin koodin tekstiviestillä.
phone-label = Puhelinnumero
country-label = Maa tai maatunnus
country-choose = Maa
phone-hint = Esimerkki: { $example }. Muut maat: aloita merkillä + ja maatunnuksella.
phone-hint-plain = Jos maatasi ei ole luettelossa, aloita merkillä + ja maatunnuksella.
email-label = Sähköpostiosoite
user-id-label = Käyttäjätunnus
username-label = Käyttäjänimi
identifier-label = Kirjautumistunnus
stay-label = Pysy kirjautuneena
stay-hint = Vain omalla laitteellasi.
send-button = Lähetä koodi
sending = Lähetetään…
sign-in-new = Onko { $brand } sinulle uusi?
sign-in-new-link = Luo tili

# Sign up
sign-up-title = Luo tili
sign-up-heading = Luo tili
sign-up-lead = Tarvitset vain puhelinnumeron. Lähetämme sinulle tekstiviestillä koodin, jolla vahvistat sen.
name-label = Nimi (valinnainen)
sign-up-have = Onko sinulla jo tili?
sign-up-have-link = Kirjaudu sisään

# The code
code-title = Anna koodi
code-heading = Anna koodi
code-lead = Katso, onko tullut tekstiviesti, jossa on { $length }‑numeroinen koodi. Vastaanottaja: { $to }.
code-lead-other = Katso, onko käyttäjän { $to } puhelimeen tullut tekstiviesti, jossa on { $length }‑numeroinen koodi.
code-lead-email = Katso, onko tullut sähköposti, jossa on { $length }‑numeroinen koodi, jos tililläsi on sähköpostiosoite.
number-ending = numero, jonka lopussa on { $digits }
mask-hidden = piilotettuja merkkejä
code-label = Koodi
code-button = Kirjaudu sisään
checking = Tarkistetaan…
valid-for = Koodin käyttöaikaa jäljellä { $time }
resent = Uusi koodi on tulossa. Vanhemmat koodit eivät enää toimi.
resent-email = Jos koodi tulee sähköpostiin, vanhemmat koodit eivät enää toimi.
expired-heading = Koodisi on vanhentunut
expired-lead = Koodit toimivat vain lyhyen aikaa. Pyydä uusi. Vastaanottaja: { $to }.
expired-lead-other = Koodit toimivat vain lyhyen aikaa. Pyydä uusi käyttäjän { $to } puhelimeen.
resend-question = Etkö saanut koodia?
resend-button = Lähetä uusi koodi
resend-button-sms = Lähetä uusi koodi tekstiviestillä
resend-wait = Odota { $time }, niin voit pyytää uuden koodin.
resend-ready = Voit nyt pyytää uuden koodin.
email-button = Hanki koodi sähköpostiin
other-number = Käytä toista numeroa
other-identifier = Aloita alusta
blocked-heading = Liian monta yritystä
blocked-lead = Odota { $time }. Näin suojaamme tiliäsi.
blocked-button = Yritä uudelleen
tries-left = { $count ->
    [0] Sinulla ei ole enää yrityksiä jäljellä.
    [one] Sinulla on yksi yritys jäljellä.
   *[other] Sinulla on { $count } yritystä jäljellä.
}
code-help = Apua koodin kanssa
help-number = Tarkista yllä oleva numero. Lähetämme koodeja vain numeroihin, joilla on tili.
help-number-sign-up = Tarkista yllä oleva numero. Lähetämme koodin vain siihen.
help-identifier = Tarkista, mitä kirjoitit. Lähetämme koodin vain tilille tallennettuun puhelinnumeroon.
help-wait = Tekstiviestin tulo voi kestää minuutin tai pari. Tarkista kuuluvuus ja se, estääkö puhelimesi tuntemattomat lähettäjät.
help-email = Eikö tekstiviestiä tule? Voit saada koodin sähköpostiin. Lähetämme sen vain tiliin tallennettuun osoitteeseen. Katso myös roskapostikansio. Kuka tahansa, joka voi lukea tätä postilaatikkoa, voi kirjautua sisään.
help-limits = Koodi on voimassa { $lifetime }, ja sinulla on { $tries ->
    [one] yksi yritys
   *[other] enintään { $tries } yritystä
}. Voit pyytää uuden { $cooldown } kuluttua; seuraavissa odotus on pidempi. Liian monen väärän koodin jälkeen voit joutua odottamaan { $lockout }.
    .case-lifetime = accusative
    .case-cooldown = genitive
    .case-lockout = accusative
help-weaker = Tekstiviesti ei ole yhtä turvallinen kuin pääsyavain tai sovellus: viestejä voidaan siepata ja numeroita kaapata. Älä koskaan anna koodia kenellekään, ei edes meille.
help-address = Pyydämme koodeja vain osoitteessa { $host }. Älä koskaan anna niitä muualla.
help-other-way = Kysy muita tapoja kirjautua sisään

# The account
account-title = Tilisi
account-heading = Olet kirjautunut sisään
account-number = Puhelinnumero
account-identifier = Käyttäjä
account-since = Kirjautumisaika
account-ends = Istunto päättyy
account-idle = Aiemmin, jos olet toimettomana { $time }.
    .case-time = accusative
sign-out-button = Kirjaudu ulos
new-browser-heading = Ensimmäinen kerta tällä selaimella
new-browser-text = Jos näet alla selaimen, joka ei ole sinun, kirjaa se ulos.
new-device-heading = Kirjautuminen uudella selaimella
new-device-text = { $device }, { $time }.
new-device-advice = Jos se et ollut sinä, kirjaa kaikki muut selaimet ulos alla ja ota yhteyttä tukeen.
absent-heading = Tervetuloa takaisin
absent-text = Edellinen kirjautumisesi: { $time }. Jos et kirjautunut juuri nyt sisään, kirjaa kaikki muut selaimet ulos alla.
sessions-heading = Missä olet kirjautuneena
session-on = { $browser } ({ $system })
session-unknown = Tuntematon selain
session-current = Tämä selain
session-seen = Viimeksi aktiivinen: { $time }
session-since = Kirjautunut: { $time }
session-end = Kirjaa ulos
sessions-others = Kirjaa kaikki muut ulos
idle-heading = Oletko vielä siellä?
idle-text = Automaattiseen uloskirjaukseen on aikaa { $time }.
idle-at = Jos et tee mitään, kirjaamme sinut ulos { $time }.
idle-button = Pysy kirjautuneena

# Sign out
sign-out-title = Kirjaudu ulos
sign-out-heading = Kirjaudutaanko ulos?
sign-out-lead = Tarvitset uuden koodin, kun kirjaudut taas sisään.
sign-out-back = Pysy kirjautuneena
signed-out-title = Kirjauduttu ulos
signed-out-heading = Olet kirjautunut ulos
signed-out-lead = Kukaan ei ole kirjautuneena tällä selaimella.
signed-out-button = Takaisin kirjautumiseen

# Elsewhere
not-found-title = Sivua ei löydy
not-found-lead = Tässä osoitteessa ei ole mitään. Tarkista osoite tai aloita alusta.
start-button = Takaisin aloitussivulle
failure-title = Jokin meni vikaan
failure-refused = Emme voineet hyväksyä tätä
failure-unreadable = Emme voineet lukea tätä
failure-wait = Odota hetki
failure-unavailable = Tämä ei onnistu juuri nyt
failure-reference = Jos otat yhteyttä tukeen, mainitse tämä tunniste:
ticket-error-used = Yritetään uudelleen
ticket-error-used-lead = Tämä linkki toimii vain kerran, puolen minuutin ajan ja yhdessä selaimessa. Mitään ei kadonnut.
ticket-error-no-cookie = Salli evästeet
ticket-error-no-cookie-lead = Selaimesi ei säilyttänyt evästettä, jolla kirjaudut tänne. Salli tämän sivuston evästeet ja yritä uudelleen.

# Why not
refusal-unreadable = Emme voineet lukea lähettämääsi. Yritä uudelleen.
refusal-too-large = Teksti on liian pitkä. Lyhennä sitä ja yritä uudelleen.
refusal-malformed = Jotain puuttuu. Täytä kenttä ja yritä uudelleen.
refusal-invalid-phone = Tämä ei näytä kokonaiselta puhelinnumerolta. Tarkista maa ja numerot.
refusal-invalid-email = Tämä ei näytä kokonaiselta sähköpostiosoitteelta. Tarkista se ja yritä uudelleen.
refusal-invalid-identifier = Tästä näyttää puuttuvan jotain. Tarkista ja yritä uudelleen.
refusal-confirm-number = Onko numero { $number } oikein? Jos on, lähetä se uudelleen. Jos ei, korjaa se.
refusal-confirm-number-plain = Onko numero oikein? Jos on, lähetä se uudelleen. Jos ei, korjaa se.
refusal-country-not-served = Emme voi lähettää tekstiviestejä tällaiseen numeroon. Käytä luettelossa olevan maan matkapuhelinnumeroa.
refusal-channel-not-offered = Koodit eivät tule täällä tällä tavalla. Pyydä uusi tekstiviestillä.
refusal-invalid-code-format = Anna kaikki viestissä olevan koodin numerot.
refusal-code-refused = Koodi ei toiminut. Tarkista se tai pyydä uusi.
refusal-not-signed-in = Olet kirjautunut ulos. Jatka kirjautumalla sisään.
refusal-flow-expired = Koodisi on vanhentunut. Pyydä uusi.
refusal-no-flow = Aikaa on kulunut liikaa. Aloita alusta.
refusal-stale-flow = Olet aloittanut tällä selaimella uudemman kirjautumisen, joten emme tarkistaneet emmekä lähettäneet mitään aiempaa varten. Käytä uusinta koodia tai aloita alusta.
refusal-cookies-blocked = Selaimesi ei säilyttänyt tämän sivun evästettä, joten mitään ei lähetetty. Salli tämän sivuston evästeet ja yritä uudelleen.
refusal-cross-origin = Tämä pyyntö tuli toisesta osoitteesta. Avaa kirjautumissivu ja yritä uudelleen.
refusal-forbidden = Tililläsi ei ole pääsyä tälle sivulle. Jos sillä pitäisi olla, ota yhteyttä tämän sovelluksen tukeen.
refusal-slow-down = Turvallisuussyistä koodeja voi lähettää ja kokeilla vain muutaman kerran peräkkäin. Odota { $time } ja yritä sitten uudelleen.
refusal-slow-down-plain = Turvallisuussyistä koodeja voi lähettää ja kokeilla vain muutaman kerran peräkkäin. Odota hetki ja yritä sitten uudelleen.
slow-down-network = Verkostasi on tullut paljon pyyntöjä.
slow-down-country = Tähän maahan tai alueelle on lähetetty paljon koodeja.
slow-down-service = Lähetämme juuri nyt erittäin paljon koodeja.
slow-down-resend = Olet jo pyytänyt koodin.
slow-down-repeated = Tämä on tehty useita kertoja lyhyessä ajassa.
slow-down-wait = Odota { $time } ja yritä sitten uudelleen.
refusal-unavailable = Vika on meillä, eikä mitään ole kadonnut. Yritä uudelleen { $time } kuluttua.
    .case-time = genitive
refusal-unavailable-plain = Vika on meillä, eikä mitään ole kadonnut. Yritä uudelleen muutaman minuutin kuluttua.
refusal-network = Emme saaneet yhteyttä palveluun. Tarkista yhteytesi ja yritä uudelleen.
refusal-timeout = Palvelu ei vastannut ajoissa. Tarkista yhteytesi ja yritä uudelleen.

# Time
seconds = { $count ->
    [one] { $count } sekunti
   *[other] { $count } sekuntia
}
    .accusative = { $count ->
        [one] { $count } sekunnin
       *[other] { $count } sekuntia
    }
    .genitive = { $count ->
        [one] { $count } sekunnin
       *[other] { $count } sekunnin
    }
minutes = { $count ->
    [one] { $count } minuutti
   *[other] { $count } minuuttia
}
    .accusative = { $count ->
        [one] { $count } minuutin
       *[other] { $count } minuuttia
    }
    .genitive = { $count ->
        [one] { $count } minuutin
       *[other] { $count } minuutin
    }
hours = { $count ->
    [one] { $count } tunti
   *[other] { $count } tuntia
}
    .accusative = { $count ->
        [one] { $count } tunnin
       *[other] { $count } tuntia
    }
    .genitive = { $count ->
        [one] { $count } tunnin
       *[other] { $count } tunnin
    }
days = { $count ->
    [one] { $count } päivä
   *[other] { $count } päivää
}
    .accusative = { $count ->
        [one] { $count } päivän
       *[other] { $count } päivää
    }
    .genitive = { $count ->
        [one] { $count } päivän
       *[other] { $count } päivän
    }
date = { $day }. { $month } { $year } klo { $clock } UTC
month-1 = tammikuuta
month-2 = helmikuuta
month-3 = maaliskuuta
month-4 = huhtikuuta
month-5 = toukokuuta
month-6 = kesäkuuta
month-7 = heinäkuuta
month-8 = elokuuta
month-9 = syyskuuta
month-10 = lokakuuta
month-11 = marraskuuta
month-12 = joulukuuta

# The text message. GSM-7 characters where the language allows.
message = Koodisi palveluun { $app } on { $otp }. Älä anna sitä kenellekään.
