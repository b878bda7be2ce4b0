# Address: vous; no form that tells the reader’s gender ("votre session est ouverte").
# Every page
skip = Aller au contenu principal
help = Aide
privacy = Confidentialité
terms = Conditions d’utilisation
error-title = Erreur : { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Langue :

# Who are you
sign-in-title = Se connecter
sign-in-heading = Saisissez votre numéro de téléphone
sign-in-heading-email = Saisissez votre adresse e-mail
sign-in-heading-user-id = Saisissez votre identifiant
sign-in-heading-username = Saisissez votre nom d’utilisateur
sign-in-lead = Pour vous connecter, nous vous enverrons un code par SMS.
identifier-lead = Nous enverrons un code par SMS au numéro de votre profil.
signed-out-expired = Votre session a expiré et a été fermée.
signed-out-too-many-sessions = Vos sessions sont ouvertes sur autant d’appareils que possible à la fois. Celle-ci a donc été fermée.
signed-out-revoked = Votre session a été fermée ici depuis un autre navigateur.
signed-out-by-operator = L’administration a fermé votre session.
signed-out-other = Votre session n’est plus ouverte.
code-too-old = Votre session est ouverte, mais la page demandée exige d’abord un nouveau code.
code-not-by-sms = Votre session est ouverte, mais la page demandée exige d’abord un code par SMS.
phone-label = Numéro de téléphone
country-label = Pays ou indicatif
country-choose = Pays
phone-hint = Exemple : { $example }. Autres pays : commencez par + et l’indicatif.
phone-hint-plain = Si votre pays n’est pas dans la liste, commencez par + et l’indicatif.
email-label = Adresse e-mail
user-id-label = Identifiant
username-label = Nom d’utilisateur
identifier-label = Identifiant de connexion
stay-label = Garder ma session ouverte
stay-hint = Seulement sur votre propre appareil.
send-button = Envoyer le code
sending = Envoi…
sign-in-new = Pas encore de compte { $brand } ?
sign-in-new-link = Créer un compte

# Sign up
sign-up-title = Créer un compte
sign-up-heading = Créez votre compte
sign-up-lead = Un numéro de téléphone suffit. Nous vous enverrons un code par SMS pour le confirmer.
name-label = Nom (facultatif)
sign-up-have = Vous avez déjà un compte ?
sign-up-have-link = Se connecter

# The code
code-title = Saisir le code
code-heading = Saisissez le code
code-lead = Un code à { $length } chiffres arrive par SMS au { $to }.
code-lead-other = Un code à { $length } chiffres arrive par SMS sur le téléphone de { $to }.
code-lead-email = Un code à { $length } chiffres arrive par e-mail, si votre compte a une adresse.
number-ending = numéro se terminant par { $digits }
mask-hidden = caractères masqués
code-label = Code
code-button = Se connecter
checking = Vérification…
valid-for = Code encore valable { $time }
resent = Un nouveau code est en route. Les anciens codes ne fonctionnent plus.
resent-email = Si un code arrive par e-mail, les anciens codes ne fonctionnent plus.
expired-heading = Votre code a expiré
expired-lead = Un code n’est valable que peu de temps. Demandez-en un nouveau pour le { $to }.
expired-lead-other = Un code n’est valable que peu de temps. Demandez-en un nouveau sur le téléphone de { $to }.
resend-question = Vous n’avez pas reçu le code ?
resend-button = Envoyer un nouveau code
resend-button-sms = Envoyer un nouveau code par SMS
resend-wait = Vous pourrez demander un nouveau code dans { $time }.
resend-ready = Vous pouvez maintenant demander un nouveau code.
email-button = Recevoir plutôt le code par e-mail
other-number = Utiliser un autre numéro
other-identifier = Recommencer
blocked-heading = Trop d’essais
blocked-lead = Pour protéger votre compte, merci d’attendre { $time }.
blocked-button = Réessayer
tries-left = { $count ->
    [0] Il ne vous reste aucun essai.
    [one] Il vous reste un essai.
    [many] Il vous reste { $count } essais.
   *[other] Il vous reste { $count } essais.
}
code-help = Aide pour le code
help-number = Vérifiez le numéro ci-dessus. Nous n’envoyons de codes qu’aux numéros qui ont un compte.
help-number-sign-up = Vérifiez le numéro ci-dessus. Nous n’envoyons le code qu’à ce numéro.
help-identifier = Vérifiez votre saisie. Nous n’envoyons le code qu’au numéro de téléphone enregistré avec un compte.
help-wait = Un SMS peut prendre une ou deux minutes. Vérifiez le réseau, et si votre téléphone bloque les expéditeurs inconnus.
help-email = Pas de SMS ? Vous pouvez recevoir le code par e-mail. Nous ne l’envoyons qu’à l’adresse enregistrée avec un compte. Regardez aussi dans les courriers indésirables. Toute personne qui lit cette boîte peut se connecter.
help-limits = Un code est valable { $lifetime } et permet { $tries ->
    [one] un essai
    [many] jusqu’à { $tries } essais
   *[other] jusqu’à { $tries } essais
}. Vous pouvez en demander un nouveau après { $cooldown } ; les suivants demandent plus de temps. Après trop de codes erronés, vous devrez peut-être attendre { $lockout }.
help-weaker = Un SMS est moins sûr qu’une clé d’accès ou une application : il peut être intercepté, et un numéro peut être détourné. Ne donnez le code à personne, pas même à nous.
help-address = Nous ne demandons de codes que sur { $host }. Ne les saisissez nulle part ailleurs.
help-other-way = Demander une autre façon de se connecter

# The account
account-title = Votre compte
account-heading = Votre session est ouverte
account-number = Numéro de téléphone
account-identifier = Session de
account-since = Session ouverte le
account-ends = Fin de la session
account-idle = Plus tôt après { $time } d’inactivité.
sign-out-button = Se déconnecter
new-browser-heading = Première connexion avec ce navigateur
new-browser-text = Si l’un des navigateurs ci-dessous n’est pas le vôtre, déconnectez-le.
new-device-heading = Connexion avec un nouveau navigateur
new-device-text = { $device }, { $time }.
new-device-advice = Si ce n’était pas vous, déconnectez tous les autres navigateurs ci-dessous et contactez l’assistance.
absent-heading = Heureux de vous revoir
absent-text = Votre dernière connexion date du { $time }. Si vous ne venez pas de vous connecter, déconnectez tous les autres navigateurs ci-dessous.
sessions-heading = Vos sessions ouvertes
session-on = { $browser } sur { $system }
session-unknown = Navigateur inconnu
session-current = Ce navigateur
session-seen = Dernière activité : { $time }
session-since = Session ouverte : { $time }
session-end = Déconnecter
sessions-others = Déconnecter tous les autres navigateurs
idle-heading = Êtes-vous toujours là ?
idle-text = Votre session sera fermée dans { $time }.
idle-at = Sans activité, votre session sera fermée le { $time }.
idle-button = Garder ma session ouverte

# Sign out
sign-out-title = Se déconnecter
sign-out-heading = Voulez-vous vous déconnecter ?
sign-out-lead = Pour vous reconnecter, vous aurez besoin d’un nouveau code.
sign-out-back = Garder ma session ouverte
signed-out-title = Session fermée
signed-out-heading = Votre session est fermée
signed-out-lead = Aucune session n’est ouverte dans ce navigateur.
signed-out-button = Retour à la connexion

# Elsewhere
not-found-title = Page introuvable
not-found-lead = Il n’y a rien à cette adresse. Vérifiez-la ou recommencez.
start-button = Retour à l’accueil
failure-title = Un problème est survenu
failure-refused = Nous n’avons pas pu accepter cette demande
failure-unreadable = Nous n’avons pas pu lire cette demande
failure-wait = Merci de patienter un instant
failure-unavailable = C’est impossible pour le moment
failure-reference = Si vous contactez l’assistance, donnez ce numéro :
ticket-error-used = Essayons encore une fois
ticket-error-used-lead = Ce lien ne fonctionne qu’une fois, pendant une demi-minute et dans un seul navigateur. Rien n’est perdu.
ticket-error-no-cookie = Merci d’autoriser les cookies
ticket-error-no-cookie-lead = Votre navigateur n’a pas gardé le cookie qui vous connecte ici. Autorisez les cookies pour ce site, puis réessayez.

# Why not
refusal-unreadable = Nous n’avons pas pu lire votre saisie. Veuillez réessayer.
refusal-too-large = C’est trop long. Raccourcissez le texte et réessayez.
refusal-malformed = Il manque quelque chose. Remplissez le champ et réessayez.
refusal-invalid-phone = Ce numéro de téléphone ne semble pas complet. Vérifiez le pays et les chiffres.
refusal-invalid-email = Cette adresse e-mail ne semble pas complète. Vérifiez-la et réessayez.
refusal-invalid-identifier = Cela ne semble pas complet. Vérifiez et réessayez.
refusal-confirm-number = Est-ce que { $number } est correct ? Si oui, envoyez-le de nouveau. Sinon, corrigez-le.
refusal-confirm-number-plain = Le numéro est-il correct ? Si oui, envoyez-le de nouveau. Sinon, corrigez-le.
refusal-country-not-served = Nous ne pouvons pas envoyer de SMS à ce type de numéro. Utilisez un numéro mobile d’un pays de la liste.
refusal-channel-not-offered = Les codes n’arrivent pas par cette voie ici. Demandez-en un nouveau par SMS.
refusal-invalid-code-format = Saisissez tous les chiffres du code reçu.
refusal-code-refused = Ce code n’a pas fonctionné. Vérifiez-le ou demandez-en un nouveau.
refusal-not-signed-in = Votre session est fermée. Connectez-vous pour continuer.
refusal-flow-expired = Votre code a expiré. Demandez-en un nouveau.
refusal-no-flow = Trop de temps a passé. Merci de recommencer.
refusal-stale-flow = Vous avez commencé une connexion plus récente dans ce navigateur : rien n’a été vérifié ni envoyé pour la précédente. Utilisez le code le plus récent ou recommencez.
refusal-cookies-blocked = Votre navigateur n’a pas gardé le cookie de cette page, donc rien n’a été envoyé. Autorisez les cookies pour ce site, puis réessayez.
refusal-cross-origin = Cette demande venait d’une autre adresse. Ouvrez la page de connexion et réessayez.
refusal-forbidden = Votre compte n’a pas accès à cette page. S’il devrait l’avoir, contactez l’assistance de cette application.
refusal-slow-down = Par sécurité, les codes ne peuvent être envoyés et essayés que quelques fois de suite. Attendez { $time }, puis réessayez.
refusal-slow-down-plain = Par sécurité, les codes ne peuvent être envoyés et essayés que quelques fois de suite. Attendez un peu, puis réessayez.
slow-down-network = Beaucoup de demandes sont venues de votre réseau.
slow-down-country = Beaucoup de codes ont été envoyés vers ce pays ou cette région.
slow-down-service = Nous envoyons un très grand nombre de codes en ce moment.
slow-down-resend = Vous avez déjà demandé un code.
slow-down-repeated = Cela a été fait plusieurs fois en peu de temps.
slow-down-wait = Attendez { $time }, puis réessayez.
refusal-unavailable = Le problème vient de chez nous ; rien n’est perdu. Réessayez dans { $time }.
refusal-unavailable-plain = Le problème vient de chez nous ; rien n’est perdu. Réessayez dans quelques minutes.
refusal-network = Le service est injoignable. Vérifiez votre connexion et réessayez.
refusal-timeout = Le service n’a pas répondu à temps. Vérifiez votre connexion et réessayez.

# Time
seconds = { $count ->
    [one] { $count } seconde
    [many] { $count } secondes
   *[other] { $count } secondes
}
minutes = { $count ->
    [one] { $count } minute
    [many] { $count } minutes
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } heure
    [many] { $count } heures
   *[other] { $count } heures
}
days = { $count ->
    [one] { $count } jour
    [many] { $count } jours
   *[other] { $count } jours
}
date = { $day } { $month } { $year } à { $clock } UTC
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre

# The text message. GSM-7 characters where the language allows.
message = Votre code { $app } est { $otp }. Ne le partagez jamais.
