# Every page
skip = Ir al contenido principal
help = Ayuda
error-title = Error: { $title }

# Who are you
sign-in-title = Iniciar sesión
sign-in-heading = Su número de teléfono
sign-in-heading-email = Su correo electrónico
sign-in-heading-user-id = Su identificador
sign-in-heading-username = Su nombre de usuario
sign-in-lead = Le enviaremos un código por SMS.
identifier-lead = Enviaremos un código por SMS al número de su perfil.
signed-out-expired = Su sesión se cerró porque estuvo ausente un rato.
signed-out-too-many-sessions = Su sesión se cerró aquí porque la inició en más dispositivos de los que puede usar a la vez.
signed-out-revoked = Su sesión se cerró aquí desde otro navegador.
signed-out-by-operator = El responsable del servicio cerró su sesión.
signed-out-other = Su sesión ya no está abierta.
code-too-old = Su sesión está abierta. La página que desea pide antes un código nuevo.
phone-label = Número de teléfono
country-label = Prefijo del país
country-choose = País
phone-hint = Por ejemplo { $example }. Desde otro país, empiece por +.
phone-hint-plain = Desde un país que no está en la lista, empiece por +.
email-label = Correo electrónico
user-id-label = Identificador
username-label = Nombre de usuario
identifier-label = Identificador de acceso
stay-label = Mantener la sesión iniciada
stay-hint = Solo en un dispositivo propio.
send-button = Enviar código
sending = Enviando…
sign-in-new = ¿Es nuevo en { $brand }?
sign-in-new-link = Crear una cuenta

# Sign up
sign-up-title = Crear una cuenta
sign-up-heading = Cree su cuenta
sign-up-lead = Basta con un número de teléfono. Le enviaremos un código por SMS para confirmarlo.
name-label = Nombre (opcional)
sign-up-have = ¿Ya tiene una cuenta?
sign-up-have-link = Iniciar sesión

# The code
code-title = Introducir el código
code-heading = Introduzca el código
code-lead = Tiene { $length } cifras y llega por SMS al { $to }.
code-lead-other = Tiene { $length } cifras y llega por SMS al teléfono de { $to }.
number-ending = número terminado en { $digits }
mask-hidden = caracteres ocultos
code-label = Código
code-button = Iniciar sesión
checking = Comprobando…
valid-for = Código válido durante { $time }
resent = Hay un código nuevo en camino. Los anteriores ya no sirven.
expired-heading = Este código ha caducado
expired-lead = Pida uno nuevo. Llegará al { $to }.
expired-lead-other = Pida uno nuevo. Llegará al teléfono de { $to }.
resend-question = ¿Aún no llega el mensaje?
resend-button = Enviar un código nuevo
resend-wait = Podrá pedir un código nuevo en { $time }.
resend-ready = Ya puede pedir un código nuevo.
other-number = Usar otro número
other-identifier = Empezar de nuevo
blocked-heading = No quedan intentos
blocked-lead = Por su seguridad, espere un poco. Podrá intentarlo de nuevo en { $time }.
blocked-button = Intentar de nuevo
tries-left = { $count ->
    [0] No le quedan intentos.
    [one] Le queda un intento.
   *[other] Le quedan { $count } intentos.
}
code-help = Ayuda con el código
help-number = Compruebe el número de arriba. Los códigos solo se envían a números que tienen cuenta.
help-number-sign-up = Compruebe el número de arriba. El código solo llega a ese número.
help-identifier = Compruebe lo que ha escrito. El código solo llega al número de teléfono del perfil de una cuenta.
help-wait = Un mensaje puede tardar uno o dos minutos. Compruebe la cobertura y si su teléfono bloquea remitentes desconocidos.
help-limits = Un código sirve durante { $lifetime } y admite hasta { $tries } intentos. Puede pedir otro después de { $cooldown }, y los siguientes más tarde. Tras demasiados códigos erróneos, la espera puede ser de { $lockout }.
help-weaker = Un SMS protege menos que una llave de acceso o una aplicación: puede ser interceptado, y un número puede ser robado. No dé el código a nadie, tampoco a nosotros.
help-address = Solo pedimos códigos en { $host }. No los introduzca en ningún otro sitio.
help-other-way = Preguntar por otra forma de iniciar sesión

# The account
account-title = Su cuenta
account-heading = Ha iniciado sesión
account-number = Número de teléfono
account-identifier = Sesión de
account-since = Sesión iniciada
account-ends = La sesión termina
account-idle = Antes, tras { $time } de ausencia.
sign-out-button = Cerrar sesión
new-browser-heading = Primera vez con este navegador
new-browser-text = Si abajo hay un navegador que no es suyo, cierre su sesión.
new-device-heading = Inicio de sesión con un navegador nuevo
new-device-text = { $device }, { $time }.
new-device-advice = Si no fue usted, cierre abajo todas las demás sesiones y avise al responsable del servicio.
absent-heading = Le damos la bienvenida de nuevo
absent-text = Su inicio de sesión anterior fue el { $time }. Si no acaba de iniciar sesión, cierre abajo todas las demás.
sessions-heading = Dónde ha iniciado sesión
session-on = { $browser } en { $system }
session-unknown = Navegador desconocido
session-current = Este navegador
session-seen = Última actividad: { $time }
session-since = Sesión iniciada: { $time }
session-end = Cerrar sesión
sessions-others = Cerrar todas las demás
idle-heading = ¿Sigue ahí?
idle-text = Su sesión se cerrará en { $time }.
idle-at = Sin actividad, su sesión se cerrará el { $time }.
idle-button = Seguir con la sesión

# Sign out
sign-out-title = Cerrar sesión
sign-out-heading = ¿Quiere cerrar la sesión?
sign-out-lead = Para volver a entrar necesitará un código nuevo.
sign-out-back = Seguir con la sesión
signed-out-title = Sesión cerrada
signed-out-heading = La sesión está cerrada
signed-out-lead = Nadie ha iniciado sesión con este navegador.
signed-out-button = Ir al inicio de sesión

# Elsewhere
not-found-title = Página no encontrada
not-found-lead = No hay nada en esta dirección. Compruébela o empiece de nuevo.
start-button = Ir al principio
failure-title = Algo ha salido mal
failure-refused = Esta petición fue rechazada
failure-unreadable = No pudimos leer esta petición
failure-wait = Espere un poco, por favor
failure-unavailable = Ahora mismo no es posible
failure-reference = Si se pone en contacto con nosotros, dé este número:
ticket-error-used = Intentémoslo otra vez
ticket-error-used-lead = Esta dirección sirve una sola vez, durante medio minuto y en un solo navegador. No se ha perdido nada.
ticket-error-no-cookie = Permita las cookies
ticket-error-no-cookie-lead = Su navegador no ha guardado la cookie con la que inicia sesión aquí. Permita las cookies de este sitio e inténtelo de nuevo.

# Why not
refusal-unreadable = No pudimos leer lo enviado. Inténtelo de nuevo.
refusal-too-large = Es demasiado largo. Acórtelo e inténtelo de nuevo.
refusal-malformed = Falta algo. Rellene el campo e inténtelo de nuevo.
refusal-invalid-phone = No parece un número de teléfono completo. Compruebe el país y las cifras.
refusal-invalid-email = No parece un correo electrónico completo. Compruébelo e inténtelo de nuevo.
refusal-invalid-identifier = No parece completo. Compruébelo e inténtelo de nuevo.
refusal-confirm-number = ¿Es correcto? { $number }. Si lo es, envíe el código otra vez. Si no, corrija el número.
refusal-confirm-number-plain = Compruebe el número. Si es correcto, envíe el código otra vez.
refusal-country-not-served = No podemos enviar SMS a este tipo de número. Use un móvil de uno de los países de la lista.
refusal-invalid-code-format = Introduzca todas las cifras del código del SMS.
refusal-code-refused = Este código no ha funcionado. Compruébelo o pida uno nuevo.
refusal-not-signed-in = Su sesión está cerrada. Inicie sesión para continuar.
refusal-flow-expired = Este código ha caducado. Pida uno nuevo.
refusal-no-flow = Ha pasado demasiado tiempo. Empiece de nuevo.
refusal-stale-flow = En este navegador hay un inicio de sesión más reciente, así que no se ha comprobado ni enviado nada para el anterior. Continúe con el código más reciente o empiece de nuevo.
refusal-cookies-blocked = Su navegador no ha guardado la cookie de esta página, así que no se ha enviado nada. Permita las cookies de este sitio e inténtelo de nuevo.
refusal-cross-origin = Venía de una dirección que no es la nuestra. Abra la página de inicio de sesión e inténtelo de nuevo.
refusal-forbidden = Su cuenta no puede abrir esto. Si debería poder, pregunte a quien administra esta aplicación.
refusal-slow-down = Por seguridad, los códigos solo se pueden enviar y probar cada cierto tiempo. Espere { $time } e inténtelo de nuevo.
refusal-slow-down-plain = Por seguridad, los códigos solo se pueden enviar y probar cada cierto tiempo. Espere un poco e inténtelo de nuevo.
refusal-unavailable = No se ha perdido nada, y no es culpa suya. Inténtelo de nuevo en { $time }.
refusal-unavailable-plain = No se ha perdido nada, y no es culpa suya. Inténtelo de nuevo en unos minutos.
refusal-network = No hay conexión. Compruebe su red e inténtelo de nuevo.
refusal-timeout = El servicio no ha respondido a tiempo. No se envía nada dos veces. Compruebe su red e inténtelo de nuevo.

# Time
seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
date = { $day } de { $month } de { $year }, { $clock } UTC
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre

# The text message. GSM-7 characters where the language allows.
message = Su clave de { $app } es { $otp }. No la comparta con nadie.
