# Every page
skip = Aller au contenu principal
help = Aide
error-title = Erreur : { $title }

# Who are you
sign-in-title = Se connecter
sign-in-heading = Votre numéro de téléphone
sign-in-heading-email = Votre adresse e-mail
sign-in-heading-user-id = Votre identifiant
sign-in-heading-username = Votre nom d’utilisateur
sign-in-lead = Nous vous enverrons un code par SMS.
identifier-lead = Nous enverrons un code par SMS au numéro de votre profil.
signed-out-expired = Vous avez été déconnecté après un moment d’absence.
signed-out-too-many-sessions = Vous avez été déconnecté ici, car vous vous êtes connecté sur plus d’appareils que permis à la fois.
signed-out-revoked = Vous avez été déconnecté ici depuis un autre navigateur.
signed-out-by-operator = Le responsable du service vous a déconnecté.
signed-out-other = Vous n’êtes plus connecté.
code-too-old = Vous êtes connecté. La page demandée exige d’abord un nouveau code.
phone-label = Numéro de téléphone
country-label = Indicatif du pays
country-choose = Pays
phone-hint = Par exemple { $example }. D’un autre pays, commencez par +.
phone-hint-plain = D’un pays qui n’est pas dans la liste, commencez par +.
email-label = Adresse e-mail
user-id-label = Identifiant
username-label = Nom d’utilisateur
identifier-label = Identifiant de connexion
stay-label = Rester connecté
stay-hint = Seulement sur un appareil qui est le vôtre.
send-button = Envoyer le code
sending = Envoi…
sign-in-new = Nouveau sur { $brand } ?
sign-in-new-link = Créer un compte

# Sign up
sign-up-title = Créer un compte
sign-up-heading = Créez votre compte
sign-up-lead = Un numéro de téléphone suffit. Nous vous enverrons un code par SMS pour le confirmer.
name-label = Nom (facultatif)
sign-up-have = Vous avez déjà un compte ?
sign-up-have-link = Se connecter

# The code
code-title = Saisir le code
code-heading = Saisissez le code
code-lead = Il a { $length } chiffres et arrive par SMS au { $to }.
code-lead-other = Il a { $length } chiffres et arrive par SMS sur le téléphone de { $to }.
number-ending = numéro se terminant par { $digits }
mask-hidden = caractères masqués
code-label = Code
code-button = Se connecter
checking = Vérification…
valid-for = Code valable { $time }
resent = Un nouveau code est en route. Les codes précédents ne fonctionnent plus.
expired-heading = Ce code a expiré
expired-lead = Demandez-en un nouveau. Il arrivera au { $to }.
expired-lead-other = Demandez-en un nouveau. Il arrivera sur le téléphone de { $to }.
resend-question = Pas encore de message ?
resend-button = Envoyer un nouveau code
resend-wait = Vous pourrez demander un nouveau code dans { $time }.
resend-ready = Vous pouvez demander un nouveau code maintenant.
other-number = Utiliser un autre numéro
other-identifier = Recommencer
blocked-heading = Plus d’essai possible
blocked-lead = Pour votre sécurité, merci d’attendre. Vous pourrez réessayer dans { $time }.
blocked-button = Réessayer
tries-left = { $count ->
    [0] Il ne vous reste aucun essai.
    [one] Il vous reste un essai.
   *[other] Il vous reste { $count } essais.
}
code-help = Aide pour le code
help-number = Vérifiez le numéro ci-dessus. Les codes ne sont envoyés qu’aux numéros qui ont un compte.
help-number-sign-up = Vérifiez le numéro ci-dessus. Le code n’est envoyé qu’à ce numéro.
help-identifier = Vérifiez votre saisie. Le code n’est envoyé qu’au numéro de téléphone du profil d’un compte.
help-wait = Un message peut prendre une ou deux minutes. Vérifiez le réseau, et si votre téléphone bloque les expéditeurs inconnus.
help-limits = Un code est valable { $lifetime } et permet jusqu’à { $tries } essais. Vous pouvez en demander un nouveau après { $cooldown }, les suivants plus tard. Après trop de codes erronés, l’attente peut durer { $lockout }.
help-weaker = Un SMS protège moins bien qu’une clé d’accès ou une application : il peut être intercepté et un numéro détourné. Ne donnez le code à personne, pas même à nous.
help-address = Nous ne demandons de codes que sur { $host }. Ne les saisissez nulle part ailleurs.
help-other-way = Demander une autre façon de se connecter

# The account
account-title = Votre compte
account-heading = Vous êtes connecté
account-number = Numéro de téléphone
account-identifier = Connecté en tant que
account-since = Connecté depuis le
account-ends = Fin de la session
account-idle = Plus tôt après { $time } d’absence.
sign-out-button = Se déconnecter
new-browser-heading = Première connexion avec ce navigateur
new-browser-text = Si un navigateur ci-dessous n’est pas le vôtre, déconnectez-le.
new-device-heading = Connexion depuis un nouveau navigateur
new-device-text = { $device }, { $time }.
new-device-advice = Si ce n’était pas vous, déconnectez tous les autres ci-dessous et prévenez le responsable du service.
absent-heading = Content de vous revoir
absent-text = Votre connexion précédente date du { $time }. Si vous ne venez pas de vous connecter, déconnectez tous les autres ci-dessous.
sessions-heading = Où vous êtes connecté
session-on = { $browser } sur { $system }
session-unknown = Navigateur inconnu
session-current = Ce navigateur
session-seen = Dernière activité le { $time }
session-since = Connecté le { $time }
session-end = Déconnecter
sessions-others = Déconnecter tous les autres
idle-heading = Êtes-vous toujours là ?
idle-text = Vous serez déconnecté dans { $time }.
idle-at = Sans activité, vous serez déconnecté le { $time }.
idle-button = Rester connecté

# Sign out
sign-out-title = Se déconnecter
sign-out-heading = Voulez-vous vous déconnecter ?
sign-out-lead = Pour vous reconnecter, il faudra un nouveau code.
sign-out-back = Rester connecté
signed-out-title = Déconnecté
signed-out-heading = Vous êtes déconnecté
signed-out-lead = Personne n’est connecté avec ce navigateur.
signed-out-button = Aller à la connexion

# Elsewhere
not-found-title = Page introuvable
not-found-lead = Il n’y a rien à cette adresse. Vérifiez-la ou recommencez.
start-button = Aller au début
failure-title = Un problème est survenu
failure-refused = Cette demande a été refusée
failure-unreadable = Cette demande est illisible
failure-wait = Merci de patienter un peu
failure-unavailable = C’est impossible pour le moment
failure-reference = Si vous nous contactez, donnez ce numéro :
ticket-error-used = Essayons encore une fois
ticket-error-used-lead = Cette adresse fonctionne une seule fois, pendant une demi-minute et dans un seul navigateur. Rien n’est perdu.
ticket-error-no-cookie = Veuillez autoriser les cookies
ticket-error-no-cookie-lead = Votre navigateur n’a pas gardé le cookie qui vous connecte ici. Autorisez les cookies pour ce site, puis réessayez.

# Why not
refusal-unreadable = Nous n’avons pas pu lire votre saisie. Veuillez réessayer.
refusal-too-large = C’est trop long. Raccourcissez le texte et réessayez.
refusal-malformed = Il manque quelque chose. Remplissez le champ et réessayez.
refusal-invalid-phone = Ce numéro de téléphone ne semble pas complet. Vérifiez le pays et les chiffres.
refusal-invalid-email = Cette adresse e-mail ne semble pas complète. Vérifiez-la et réessayez.
refusal-invalid-identifier = Cela ne semble pas complet. Vérifiez et réessayez.
refusal-confirm-number = Est-ce bien cela ? { $number }. Si oui, envoyez le code encore une fois. Sinon, corrigez le numéro.
refusal-confirm-number-plain = Vérifiez le numéro. S’il est juste, envoyez le code encore une fois.
refusal-country-not-served = Nous ne pouvons pas envoyer de SMS à ce type de numéro. Utilisez un numéro mobile d’un pays de la liste.
refusal-invalid-code-format = Saisissez tous les chiffres du code reçu par SMS.
refusal-code-refused = Ce code n’a pas fonctionné. Vérifiez-le, ou demandez-en un nouveau.
refusal-not-signed-in = Vous êtes déconnecté. Connectez-vous pour continuer.
refusal-flow-expired = Ce code a expiré. Demandez-en un nouveau.
refusal-no-flow = Trop de temps a passé. Veuillez recommencer.
refusal-stale-flow = Une connexion plus récente est en cours dans ce navigateur : rien n’a été vérifié ni envoyé pour la précédente. Continuez avec le code le plus récent ou recommencez.
refusal-cookies-blocked = Votre navigateur n’a pas conservé le cookie de cette page, rien n’a donc été envoyé. Autorisez les cookies pour ce site, puis réessayez.
refusal-cross-origin = Elle venait d’une autre adresse que la nôtre. Ouvrez la page de connexion et réessayez.
refusal-forbidden = Votre compte n’a pas accès à cette page. S’il devrait l’avoir, adressez-vous au responsable de cette application.
refusal-slow-down = Par sécurité, les codes ne peuvent être envoyés et essayés qu’à intervalles. Attendez { $time }, puis réessayez.
refusal-slow-down-plain = Par sécurité, les codes ne peuvent être envoyés et essayés qu’à intervalles. Attendez un peu, puis réessayez.
refusal-unavailable = Rien n’est perdu, et vous n’y êtes pour rien. Réessayez dans { $time }.
refusal-unavailable-plain = Rien n’est perdu, et vous n’y êtes pour rien. Réessayez dans quelques minutes.
refusal-network = Il n’y a pas de connexion. Vérifiez votre réseau et réessayez.
refusal-timeout = Le service n’a pas répondu à temps. Rien n’est envoyé deux fois. Vérifiez votre réseau et réessayez.

# Time
seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
days = { $count ->
    [one] { $count } jour
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
