# Address: þú. No participle about the reader, because it would have a gender.

# Every page
skip = Fara beint í efnið
help = Hjálp
privacy = Persónuvernd
terms = Skilmálar
error-title = Villa: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Tungumál:

# Who are you
sign-in-title = Innskráning
sign-in-heading = Sláðu inn símanúmerið þitt
sign-in-heading-email = Sláðu inn netfangið þitt
sign-in-heading-user-id = Sláðu inn notandaauðkenni
sign-in-heading-username = Sláðu inn notandanafnið þitt
sign-in-lead = Við sendum þér SMS með kóða til að skrá þig inn.
identifier-lead = Við sendum SMS með kóða í símanúmerið á prófílnum þínum.
signed-out-expired = Innskráningin rann út og því skráðum við þig út.
signed-out-too-many-sessions = Innskráning þín er virk á eins mörgum tækjum og leyfilegt er í einu. Þess vegna skráðum við þig út hér.
signed-out-revoked = Innskráningunni hér var lokað úr öðrum vafra.
signed-out-by-operator = Kerfisstjóri skráði þig út.
signed-out-other = Innskráningin þín er ekki lengur virk.
code-too-old = Innskráningin er virk, en til að opna síðuna þarf fyrst nýjan kóða.
code-not-by-sms = Innskráningin er virk, en til að opna síðuna þarf fyrst kóða með SMS.
phone-label = Símanúmer
country-label = Land eða landsnúmer
country-choose = Land
phone-hint = Dæmi: { $example }. Önnur lönd: byrjaðu á + og landsnúmeri.
phone-hint-plain = Ef landið þitt er ekki á listanum skaltu byrja á + og landsnúmeri.
email-label = Netfang
user-id-label = Notandaauðkenni
username-label = Notandanafn
identifier-label = Innskráningarauðkenni
stay-label = Halda innskráningu
stay-hint = Aðeins á þínu eigin tæki.
send-button = Senda kóða
sending = Sendi…
sign-in-new = Fyrsta skipti hjá { $brand }?
sign-in-new-link = Stofna aðgang

# Sign up
sign-up-title = Stofna aðgang
sign-up-heading = Stofnaðu aðgang
sign-up-lead = Þú þarft aðeins símanúmer. Við sendum þér SMS með kóða til að staðfesta það.
name-label = Nafn (valfrjálst)
sign-up-have = Ertu nú þegar með aðgang?
sign-up-have-link = Skrá inn

# The code
code-title = Sláðu inn kóðann
code-heading = Sláðu inn kóðann
code-lead = Þú færð SMS með { $length } stafa kóða í { $to }.
code-lead-other = Þú færð SMS með { $length } stafa kóða í símann hjá { $to }.
code-lead-email = Þú færð tölvupóst með { $length } stafa kóða, ef aðgangurinn þinn er með netfang.
number-ending = númerið sem endar á { $digits }
mask-hidden = falin tákn
code-label = Kóði
code-button = Skrá inn
checking = Athuga…
valid-for = Kóðinn gildir enn í { $time }
resent = Nýr kóði er á leiðinni. Eldri kóðar virka ekki lengur.
resent-email = Ef kóði kemur með tölvupósti virka eldri kóðar ekki lengur.
expired-heading = Kóðinn er útrunninn
expired-lead = Kóðar gilda aðeins í stuttan tíma. Fáðu nýjan fyrir { $to }.
expired-lead-other = Kóðar virka aðeins í stuttan tíma. Fáðu nýjan í síma { $to }.
resend-question = Fékkstu ekki kóðann?
resend-button = Senda nýjan kóða
resend-button-sms = Senda nýjan kóða með SMS
resend-wait = Þú getur fengið nýjan kóða eftir { $time }.
resend-ready = Þú getur fengið nýjan kóða núna.
email-button = Fá kóðann með tölvupósti
other-number = Nota annað númer
other-identifier = Byrja upp á nýtt
blocked-heading = Of margar tilraunir
blocked-lead = Til að vernda aðganginn þinn þarftu að bíða í { $time }.
blocked-button = Reyna aftur
tries-left = { $count ->
    [0] Þú átt enga tilraun eftir.
    [one] Þú átt { $count } tilraun eftir.
   *[other] Þú átt { $count } tilraunir eftir.
}
code-help = Hjálp með kóðann
help-number = Athugaðu númerið hér að ofan. Við sendum kóða aðeins í númer sem tengjast aðgangi.
help-number-sign-up = Athugaðu númerið hér að ofan. Við sendum kóðann aðeins þangað.
help-identifier = Athugaðu það sem þú slóst inn. Við sendum kóðann aðeins í símanúmerið sem er skráð á aðgang.
help-wait = SMS getur verið eina eða tvær mínútur á leiðinni. Athugaðu sambandið og hvort síminn lokar á óþekkta sendendur.
help-email = Kemur ekkert SMS? Þú getur fengið kóðann með tölvupósti. Við sendum hann aðeins á netfang sem er skráð með aðgangi. Athugaðu líka ruslpóstmöppuna. Hver sem getur lesið þann tölvupóst getur skráð sig inn.
help-limits = Kóði gildir í { $lifetime } og leyfir { $tries ->
    [one] { $tries } tilraun
   *[other] allt að { $tries } tilraunir
}. Þú getur fengið nýjan eftir { $cooldown }, en lengri bið er eftir þeim næstu. Eftir of marga ranga kóða gætirðu þurft að bíða í { $lockout }.
help-weaker = SMS er ekki jafn öruggt og aðgangslykill eða app: hægt er að hlera skilaboð og taka yfir símanúmer. Gefðu engum upp kóðann, ekki einu sinni okkur.
help-address = Við biðjum aðeins um kóða á { $host }. Ekki slá þá inn annars staðar.
help-other-way = Spyrja um aðra leið til innskráningar

# The account
account-title = Aðgangurinn þinn
account-heading = Þú hefur skráð þig inn
account-number = Símanúmer
account-identifier = Innskráður notandi
account-since = Innskráning hófst
account-ends = Innskráningu lýkur
account-idle = Fyrr ef engin virkni er í { $time }.
sign-out-button = Skrá út
new-browser-heading = Fyrsta innskráning í þessum vafra
new-browser-text = Ef þú sérð vafra hér að neðan sem er ekki þinn skaltu skrá hann út.
new-device-heading = Innskráning í nýjum vafra
new-device-text = { $device }, { $time }.
new-device-advice = Ef þetta varst ekki þú skaltu skrá út alla aðra vafra hér að neðan og hafa samband við þjónustuver.
absent-heading = Gott að sjá þig aftur
absent-text = Síðasta innskráning þín: { $time }. Ef þú varst ekki að skrá þig inn núna skaltu skrá út alla aðra vafra hér að neðan.
sessions-heading = Virkar innskráningar
session-on = { $browser } á { $system }
session-unknown = Óþekktur vafri
session-current = Þessi vafri
session-seen = Síðast í notkun: { $time }
session-since = Innskráning: { $time }
session-end = Skrá út
sessions-others = Skrá út alla aðra vafra
idle-heading = Ertu enn þarna?
idle-text = Við skráum þig út eftir { $time }.
idle-at = Ef engin virkni verður skráum við þig út { $time }.
idle-button = Halda innskráningu

# Sign out
sign-out-title = Útskráning
sign-out-heading = Viltu skrá þig út?
sign-out-lead = Þú þarft nýjan kóða til að skrá þig aftur inn.
sign-out-back = Halda innskráningu
signed-out-title = Útskráningu lokið
signed-out-heading = Útskráningu er lokið
signed-out-lead = Engin innskráning er virk í þessum vafra.
signed-out-button = Aftur í innskráningu

# Elsewhere
not-found-title = Síðan fannst ekki
not-found-lead = Ekkert er á þessari slóð. Athugaðu hana eða byrjaðu upp á nýtt.
start-button = Aftur á upphafssíðu
failure-title = Eitthvað fór úrskeiðis
failure-refused = Við getum ekki tekið við þessu
failure-unreadable = Við gátum ekki lesið þetta
failure-wait = Bíddu augnablik
failure-unavailable = Þetta er ekki hægt núna
failure-reference = Ef þú hefur samband við þjónustuver skaltu nefna þetta númer:
ticket-error-used = Reynum aftur
ticket-error-used-lead = Þessi tengill virkar aðeins einu sinni, innan hálfrar mínútu og í einum vafra. Ekkert glataðist.
ticket-error-no-cookie = Leyfðu vafrakökur
ticket-error-no-cookie-lead = Vafrinn þinn geymdi ekki vafrakökuna sem skráir þig inn hér. Leyfðu vafrakökur á þessu vefsvæði og reyndu aftur.

# Why not
refusal-unreadable = Við gátum ekki lesið það sem þú sendir. Reyndu aftur.
refusal-too-large = Þetta er of langt. Styttu það og reyndu aftur.
refusal-malformed = Eitthvað vantar. Fylltu út reitinn og reyndu aftur.
refusal-invalid-phone = Þetta virðist ekki vera heilt símanúmer. Athugaðu landið og tölustafina.
refusal-invalid-email = Þetta lítur ekki út eins og heilt netfang. Athugaðu það og reyndu aftur.
refusal-invalid-identifier = Hér virðist eitthvað vanta. Athugaðu það og reyndu aftur.
refusal-confirm-number = Er { $number } rétt númer? Ef svo er skaltu senda það aftur. Ef ekki skaltu leiðrétta það.
refusal-confirm-number-plain = Er númerið rétt? Ef svo er skaltu senda það aftur. Ef ekki skaltu leiðrétta það.
refusal-country-not-served = Við getum ekki sent SMS í svona númer. Notaðu farsímanúmer frá landi á listanum.
refusal-channel-not-offered = Kóðar koma ekki þá leið hér. Fáðu nýjan með SMS.
refusal-invalid-code-format = Sláðu inn alla tölustafi kóðans í skilaboðunum.
refusal-code-refused = Þessi kóði virkaði ekki. Athugaðu hann eða fáðu nýjan.
refusal-not-signed-in = Innskráningin er ekki virk. Skráðu þig inn til að halda áfram.
refusal-flow-expired = Kóðinn þinn er útrunninn. Fáðu nýjan.
refusal-no-flow = Of langur tími er liðinn. Byrjaðu upp á nýtt.
refusal-stale-flow = Nýrri innskráning er í gangi í þessum vafra og því athuguðum við ekkert og sendum ekkert fyrir þá eldri. Notaðu nýjasta kóðann eða byrjaðu upp á nýtt.
refusal-cookies-blocked = Vafrinn þinn geymdi ekki vafraköku síðunnar og því var ekkert sent. Leyfðu vafrakökur á þessu vefsvæði og reyndu aftur.
refusal-cross-origin = Þessi beiðni kom frá annarri slóð. Opnaðu innskráningarsíðuna og reyndu aftur.
refusal-forbidden = Aðgangurinn þinn nær ekki til þessarar síðu. Ef hann ætti að gera það skaltu hafa samband við þjónustuver þessa kerfis.
refusal-slow-down = Af öryggisástæðum er aðeins hægt að senda og prófa kóða nokkrum sinnum í röð. Bíddu í { $time } og reyndu svo aftur.
refusal-slow-down-plain = Af öryggisástæðum er aðeins hægt að senda og prófa kóða nokkrum sinnum í röð. Bíddu aðeins og reyndu svo aftur.
slow-down-network = Margar beiðnir hafa borist frá netinu þínu.
slow-down-country = Margir kóðar hafa verið sendir til þessa lands eða svæðis.
slow-down-service = Við sendum mjög marga kóða núna.
slow-down-resend = Þú hefur þegar beðið um kóða.
slow-down-repeated = Þetta hefur verið gert nokkrum sinnum á stuttum tíma.
slow-down-wait = Bíddu í { $time } og reyndu svo aftur.
refusal-unavailable = Vandinn er okkar megin og ekkert glataðist. Reyndu aftur eftir { $time }.
refusal-unavailable-plain = Vandinn er okkar megin og ekkert glataðist. Reyndu aftur eftir nokkrar mínútur.
refusal-network = Við náðum ekki sambandi við þjónustuna. Athugaðu nettenginguna og reyndu aftur.
refusal-timeout = Þjónustan svaraði ekki í tæka tíð. Athugaðu nettenginguna og reyndu aftur.

# Time
seconds = { $count ->
    [one] { $count } sekúndu
   *[other] { $count } sekúndur
}
minutes = { $count ->
    [one] { $count } mínútu
   *[other] { $count } mínútur
}
hours = { $count ->
    [one] { $count } klukkustund
   *[other] { $count } klukkustundir
}
days = { $count ->
    [one] { $count } dag
   *[other] { $count } daga
}
date = { $day }. { $month } { $year }, { $clock } UTC
month-1 = janúar
month-2 = febrúar
month-3 = mars
month-4 = apríl
month-5 = maí
month-6 = júní
month-7 = júlí
month-8 = ágúst
month-9 = september
month-10 = október
month-11 = nóvember
month-12 = desember

# The text message. GSM-7 characters where the language allows.
message = Kóði { $app }: { $otp }. Deildu honum aldrei.
