# Address: tu, imperative (“Inserisci il numero”); no participle that would have the reader’s gender.

# Every page
skip = Vai al contenuto principale
help = Aiuto
privacy = Informativa privacy
terms = Termini d’uso
error-title = Errore: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Lingua:

# Who are you
sign-in-title = Accedi
sign-in-heading = Inserisci il numero di telefono
sign-in-heading-email = Inserisci la tua email
sign-in-heading-user-id = Inserisci il tuo ID utente
sign-in-heading-username = Inserisci il tuo nome utente
sign-in-lead = Per accedere, ti inviamo un codice via SMS.
identifier-lead = Inviamo un codice via SMS al numero di telefono del tuo profilo.
signed-out-expired = La sessione è scaduta, quindi l’abbiamo chiusa.
signed-out-too-many-sessions = Hai già effettuato l’accesso sul numero massimo di dispositivi consentiti, quindi abbiamo chiuso la sessione qui.
signed-out-revoked = La sessione qui è stata chiusa da un altro browser.
signed-out-by-operator = Un amministratore ha chiuso la tua sessione.
signed-out-other = La tua sessione non è più attiva.
code-too-old = La tua sessione è attiva, ma per aprire questa pagina serve prima un nuovo codice.
code-not-by-sms = La tua sessione è attiva, ma per aprire questa pagina serve prima un codice via SMS.
phone-label = Numero di telefono
country-label = Paese o prefisso
country-choose = Paese
phone-hint = Esempio: { $example }. Altri paesi: inizia con + e il prefisso del paese.
phone-hint-plain = Se il tuo paese non è nell’elenco, inizia con + e il prefisso del paese.
email-label = Indirizzo email
user-id-label = ID utente
username-label = Nome utente
identifier-label = ID di accesso
stay-label = Mantieni l’accesso
stay-hint = Solo su un dispositivo tuo.
send-button = Invia codice
sending = Invio in corso…
sign-in-new = Non hai ancora un account { $brand }?
sign-in-new-link = Crea un account

# Sign up
sign-up-title = Crea un account
sign-up-heading = Crea il tuo account
sign-up-lead = Ti basta un numero di telefono. Per confermarlo, ti inviamo un codice via SMS.
name-label = Nome (facoltativo)
sign-up-have = Hai già un account?
sign-up-have-link = Accedi

# The code
code-title = Inserisci il codice
code-heading = Inserisci il codice
code-lead = Controlla se è arrivato un SMS con un codice di { $length } cifre per { $to }.
code-lead-other = Controlla se è arrivato un SMS con un codice di { $length } cifre sul telefono di { $to }.
code-lead-email = Controlla se è arrivata un’email con un codice di { $length } cifre, se il tuo account ha un indirizzo email.
number-ending = il numero che termina con { $digits }
mask-hidden = caratteri nascosti
code-label = Codice
code-button = Accedi
checking = Verifica in corso…
valid-for = Codice valido per { $time }
resent = Un nuovo codice è in arrivo. Quelli precedenti non funzionano più.
resent-email = Se arriva un codice via email, quelli precedenti non funzionano più.
expired-heading = Il tuo codice è scaduto
expired-lead = I codici valgono solo per poco tempo. Richiedine uno nuovo per { $to }.
expired-lead-other = I codici valgono solo per poco tempo. Richiedine uno nuovo per il telefono di { $to }.
resend-question = Non hai ricevuto il codice?
resend-button = Invia un nuovo codice
resend-button-sms = Invia un nuovo codice via SMS
resend-wait = Puoi richiedere un nuovo codice tra { $time }.
resend-ready = Ora puoi richiedere un nuovo codice.
email-button = Ricevi il codice via email
other-number = Usa un altro numero
other-identifier = Ricomincia
blocked-heading = Troppi tentativi
blocked-lead = Per proteggere il tuo account, attendi { $time }.
blocked-button = Riprova
tries-left = { $count ->
    [0] Non hai più tentativi.
    [one] Hai ancora un tentativo.
    [many] Hai ancora { $count } di tentativi.
   *[other] Hai ancora { $count } tentativi.
}
code-help = Aiuto con il codice
help-number = Controlla il numero qui sopra. Inviamo i codici solo ai numeri che hanno un account.
help-number-sign-up = Controlla il numero qui sopra. Inviamo il codice solo a quel numero.
help-identifier = Controlla ciò che hai scritto. Inviamo il codice solo al numero di telefono salvato in un account.
help-wait = Un SMS può impiegare un minuto o due. Controlla il segnale e se il telefono blocca i mittenti sconosciuti.
help-email = Nessun SMS? Puoi ricevere il codice via email. Lo inviamo solo all’indirizzo salvato con un account. Controlla anche la posta indesiderata. Chi può leggere quella casella può accedere.
help-limits = Un codice vale { $lifetime } e permette { $tries ->
    [one] un solo tentativo
    [many] fino a { $tries } di tentativi
   *[other] fino a { $tries } tentativi
}. Puoi richiederne uno nuovo dopo { $cooldown }; per i successivi ci vuole più tempo. Dopo troppi codici errati potresti dover attendere { $lockout }.
help-weaker = Un SMS è meno sicuro di una passkey o di un’app: i messaggi possono essere intercettati e i numeri possono essere rubati. Non dare mai il codice a nessuno, nemmeno a noi.
help-address = Chiediamo i codici solo su { $host }. Non inserirli mai altrove.
help-other-way = Chiedi un altro modo per accedere

# The account
account-title = Il tuo account
account-heading = Hai effettuato l’accesso
account-number = Numero di telefono
account-identifier = Account
account-since = Inizio della sessione
account-ends = Fine della sessione
account-idle = O prima, dopo { $time } di inattività.
sign-out-button = Esci
new-browser-heading = Primo accesso con questo browser
new-browser-text = Se qui sotto vedi un browser che non è tuo, disconnettilo.
new-device-heading = Accesso con un nuovo browser
new-device-text = { $device }, { $time }.
new-device-advice = Se non eri tu, disconnetti tutti gli altri browser qui sotto e contatta l’assistenza.
absent-heading = È bello rivederti
absent-text = Ultimo accesso: { $time }. Se non hai appena effettuato l’accesso, disconnetti tutti gli altri browser qui sotto.
sessions-heading = Dove hai effettuato l’accesso
session-on = { $browser } su { $system }
session-unknown = Browser sconosciuto
session-current = Questo browser
session-seen = Ultima attività: { $time }
session-since = Accesso: { $time }
session-end = Disconnetti
sessions-others = Disconnetti gli altri
idle-heading = Ci sei ancora?
idle-text = La sessione terminerà tra { $time }.
idle-at = In caso di inattività, fine della sessione: { $time }.
idle-button = Mantieni l’accesso

# Sign out
sign-out-title = Esci
sign-out-heading = Vuoi uscire?
sign-out-lead = Per accedere di nuovo ti servirà un altro codice.
sign-out-back = Mantieni l’accesso
signed-out-title = Sessione chiusa
signed-out-heading = La sessione è chiusa
signed-out-lead = Nessuno ha effettuato l’accesso con questo browser.
signed-out-button = Torna all’accesso

# Elsewhere
not-found-title = Pagina non trovata
not-found-lead = A questo indirizzo non c’è nulla. Controllalo o ricomincia.
start-button = Vai alla pagina iniziale
failure-title = Qualcosa è andato storto
failure-refused = Richiesta non accettata
failure-unreadable = Richiesta non leggibile
failure-wait = Attendi un momento
failure-unavailable = Al momento non è possibile
failure-reference = Se contatti l’assistenza, indica questo riferimento:
ticket-error-used = Riproviamo
ticket-error-used-lead = Questo link funziona una sola volta, per mezzo minuto e in un solo browser. Non è andato perso nulla.
ticket-error-no-cookie = Consenti i cookie
ticket-error-no-cookie-lead = Il browser non ha conservato il cookie necessario per accedere qui. Consenti i cookie per questo sito e riprova.

# Why not
refusal-unreadable = Non siamo riusciti a leggere ciò che hai inviato. Riprova.
refusal-too-large = È troppo lungo. Abbrevialo e riprova.
refusal-malformed = Manca qualcosa. Compila il campo e riprova.
refusal-invalid-phone = Non sembra un numero di telefono completo. Controlla il paese e le cifre.
refusal-invalid-email = Non sembra un indirizzo email completo. Controllalo e riprova.
refusal-invalid-identifier = Non sembra completo. Controlla e riprova.
refusal-confirm-number = Il numero { $number } è giusto? Se sì, invialo di nuovo. Altrimenti correggilo.
refusal-confirm-number-plain = Il numero è giusto? Se sì, invialo di nuovo. Altrimenti correggilo.
refusal-country-not-served = Non possiamo inviare SMS a questo tipo di numero. Usa un cellulare di uno dei paesi in elenco.
refusal-channel-not-offered = Qui i codici non arrivano in questo modo. Richiedine uno nuovo via SMS.
refusal-invalid-code-format = Inserisci tutte le cifre del codice ricevuto.
refusal-code-refused = Il codice non ha funzionato. Controllalo o richiedine uno nuovo.
refusal-not-signed-in = La sessione è chiusa. Accedi per continuare.
refusal-flow-expired = Il tuo codice è scaduto. Richiedine uno nuovo.
refusal-no-flow = È passato troppo tempo. Ricomincia.
refusal-stale-flow = Hai iniziato un accesso più recente in questo browser, quindi per il precedente non abbiamo verificato né inviato nulla. Usa il codice più recente o ricomincia.
refusal-cookies-blocked = Il browser non ha conservato il cookie di questa pagina, quindi non è stato inviato nulla. Consenti i cookie per questo sito e riprova.
refusal-cross-origin = Questa richiesta proviene da un altro indirizzo. Apri la pagina di accesso e riprova.
refusal-forbidden = Il tuo account non ha accesso a questa pagina. Se dovrebbe averlo, contatta l’assistenza di questa applicazione.
refusal-slow-down = Per sicurezza, i codici si possono inviare e provare solo poche volte di seguito. Attendi { $time } e riprova.
refusal-slow-down-plain = Per sicurezza, i codici si possono inviare e provare solo poche volte di seguito. Attendi un po’ e riprova.
slow-down-network = Sono arrivate molte richieste dalla tua rete.
slow-down-country = Sono stati inviati molti codici in questo paese o territorio.
slow-down-service = In questo momento stiamo inviando moltissimi codici.
slow-down-resend = Hai già richiesto un codice.
slow-down-repeated = Questa operazione è stata ripetuta più volte in poco tempo.
slow-down-wait = Attendi { $time } e riprova.
refusal-unavailable = Il problema è nostro; non è andato perso nulla. Riprova tra { $time }.
refusal-unavailable-plain = Il problema è nostro; non è andato perso nulla. Riprova tra qualche minuto.
refusal-network = Non riusciamo a raggiungere il servizio. Controlla la connessione e riprova.
refusal-timeout = Il servizio non ha risposto in tempo. Controlla la connessione e riprova.

# Time
seconds = { $count ->
    [one] { $count } secondo
    [many] { $count } di secondi
   *[other] { $count } secondi
}
minutes = { $count ->
    [one] { $count } minuto
    [many] { $count } di minuti
   *[other] { $count } minuti
}
hours = { $count ->
    [one] { $count } ora
    [many] { $count } di ore
   *[other] { $count } ore
}
days = { $count ->
    [one] { $count } giorno
    [many] { $count } di giorni
   *[other] { $count } giorni
}
date = { $day } { $month } { $year }, { $clock } UTC
month-1 = gennaio
month-2 = febbraio
month-3 = marzo
month-4 = aprile
month-5 = maggio
month-6 = giugno
month-7 = luglio
month-8 = agosto
month-9 = settembre
month-10 = ottobre
month-11 = novembre
month-12 = dicembre

# The text message. GSM-7 characters where the language allows.
message = Il tuo codice { $app } è { $otp }. Non darlo mai a nessuno.
