# Address: usted, without the pronoun.
# Every page
skip = Ir al contenido principal
help = Ayuda
privacy = Privacidad
terms = Condiciones de uso
error-title = Error: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Idioma:

# Who are you
sign-in-title = Iniciar sesión
sign-in-heading = Introduzca su número de teléfono
sign-in-heading-email = Introduzca su correo electrónico
sign-in-heading-user-id = Introduzca su identificador
sign-in-heading-username = Introduzca su nombre de usuario
sign-in-lead = Le enviaremos un código por SMS para iniciar sesión.
identifier-lead = Enviaremos un código por SMS al número de su perfil.
signed-out-expired = Su sesión ha caducado y la hemos cerrado.
signed-out-too-many-sessions = Tiene la sesión abierta en todos los dispositivos que puede usar a la vez, así que la hemos cerrado aquí.
signed-out-revoked = Su sesión se ha cerrado aquí desde otro navegador.
signed-out-by-operator = La administración ha cerrado su sesión.
signed-out-other = Su sesión ya no está abierta.
code-too-old = Su sesión está abierta, pero la página que desea necesita antes un código nuevo.
code-not-by-sms = Su sesión está abierta, pero la página que desea necesita antes un código por SMS.
phone-label = Número de teléfono
country-label = País o prefijo
country-choose = País
phone-hint = Ejemplo: { $example }. Otros países: empiece por + y el prefijo.
phone-hint-plain = Si su país no está en la lista, empiece por + y el prefijo.
email-label = Correo electrónico
user-id-label = Identificador
username-label = Nombre de usuario
identifier-label = ID de acceso
stay-label = Mantener la sesión iniciada
stay-hint = Solo en su propio dispositivo.
send-button = Enviar código
sending = Enviando…
sign-in-new = ¿Aún no tiene cuenta en { $brand }?
sign-in-new-link = Crear una cuenta

# Sign up
sign-up-title = Crear una cuenta
sign-up-heading = Cree su cuenta
sign-up-lead = Basta con su número de teléfono. Le enviaremos un código por SMS para confirmarlo.
name-label = Nombre (opcional)
sign-up-have = ¿Ya tiene una cuenta?
sign-up-have-link = Iniciar sesión

# The code
code-title = Introducir el código
code-heading = Introduzca el código
code-lead = Recibirá un código de { $length } dígitos por SMS en el { $to }.
code-lead-other = Recibirá un código de { $length } dígitos por SMS en el teléfono de { $to }.
code-lead-email = Recibirá un código de { $length } dígitos por correo electrónico, si su cuenta tiene una dirección.
number-ending = número terminado en { $digits }
mask-hidden = caracteres ocultos
code-label = Código
code-button = Iniciar sesión
checking = Comprobando…
valid-for = Código válido durante { $time }
resent = Hay un código nuevo en camino. Los anteriores ya no funcionan.
resent-email = Si llega un código por correo, los anteriores ya no funcionan.
expired-heading = Su código ha caducado
expired-lead = Los códigos duran poco tiempo. Pida uno nuevo para { $to }.
expired-lead-other = Los códigos duran poco tiempo. Pida uno nuevo en el teléfono de { $to }.
resend-question = ¿No ha recibido el código?
resend-button = Enviar un código nuevo
resend-button-sms = Enviar un código nuevo por SMS
resend-wait = Podrá pedir un código nuevo en { $time }.
resend-ready = Ya puede pedir un código nuevo.
email-button = Recibir el código por correo electrónico
other-number = Usar otro número
other-identifier = Empezar de nuevo
blocked-heading = Demasiados intentos
blocked-lead = Para proteger su cuenta, espere { $time }.
blocked-button = Intentar de nuevo
tries-left = { $count ->
    [0] No le quedan intentos.
    [one] Le queda un intento.
    [many] Le quedan { $count } de intentos.
   *[other] Le quedan { $count } intentos.
}
code-help = Ayuda con el código
help-number = Compruebe el número de arriba. Solo enviamos códigos a números que tienen cuenta.
help-number-sign-up = Compruebe el número de arriba. Solo enviamos el código a ese número.
help-identifier = Compruebe lo que ha escrito. Solo enviamos el código al número de teléfono guardado en una cuenta.
help-wait = Un SMS puede tardar uno o dos minutos. Compruebe la cobertura y si su teléfono bloquea remitentes desconocidos.
help-email = ¿No llega el SMS? Puede recibir el código por correo electrónico. Solo lo enviamos a la dirección guardada en una cuenta. Mire también en el correo no deseado. Quien pueda leer ese buzón puede iniciar sesión.
help-limits = Un código sirve durante { $lifetime } y permite { $tries ->
    [one] un intento
    [many] hasta { $tries } de intentos
   *[other] hasta { $tries } intentos
}. Podrá pedir otro después de { $cooldown }; los siguientes tardan más. Tras demasiados códigos erróneos, quizá tenga que esperar { $lockout }.
help-weaker = Un SMS es menos seguro que una llave de acceso o una aplicación: los mensajes se pueden interceptar y los números, robar. No dé el código a nadie, tampoco a nosotros.
help-address = Solo pedimos códigos en { $host }. No los introduzca en ningún otro sitio.
help-other-way = Preguntar por otra forma de iniciar sesión

# The account
account-title = Su cuenta
account-heading = Ha iniciado sesión
account-number = Número de teléfono
account-identifier = Sesión de
account-since = Sesión iniciada el
account-ends = La sesión termina
account-idle = Antes, tras { $time } de inactividad.
sign-out-button = Cerrar sesión
new-browser-heading = Primera vez con este navegador
new-browser-text = Si ve abajo un navegador que no es suyo, cierre su sesión.
new-device-heading = Inicio de sesión con un navegador nuevo
new-device-text = { $device }, { $time }.
new-device-advice = Si no ha sido usted, cierre abajo la sesión en todos los demás navegadores y contacte con la asistencia.
absent-heading = Nos alegra verle de nuevo
absent-text = Su último inicio de sesión fue el { $time }. Si no acaba de iniciar sesión, ciérrela abajo en todos los demás navegadores.
sessions-heading = Dónde ha iniciado sesión
session-on = { $browser } en { $system }
session-unknown = Navegador desconocido
session-current = Este navegador
session-seen = Última actividad: { $time }
session-since = Sesión iniciada: { $time }
session-end = Cerrar sesión
sessions-others = Cerrar todas las demás sesiones
idle-heading = ¿Sigue ahí?
idle-text = Cerraremos su sesión en { $time }.
idle-at = Si no hay actividad, cerraremos su sesión el { $time }.
idle-button = Seguir con la sesión

# Sign out
sign-out-title = Cerrar sesión
sign-out-heading = ¿Quiere cerrar la sesión?
sign-out-lead = Para volver a iniciar sesión necesitará un código nuevo.
sign-out-back = Seguir con la sesión
signed-out-title = Sesión cerrada
signed-out-heading = Su sesión está cerrada
signed-out-lead = Nadie tiene la sesión abierta en este navegador.
signed-out-button = Volver al inicio de sesión

# Elsewhere
not-found-title = Página no encontrada
not-found-lead = No hay nada en esta dirección. Compruébela o empiece de nuevo.
start-button = Volver al inicio
failure-title = Algo ha salido mal
failure-refused = No hemos podido aceptarlo
failure-unreadable = No hemos podido leerlo
failure-wait = Espere un momento
failure-unavailable = Ahora mismo no es posible
failure-reference = Si contacta con la asistencia, indique este número:
ticket-error-used = Intentémoslo otra vez
ticket-error-used-lead = Este enlace funciona una sola vez, durante medio minuto y en un solo navegador. No se ha perdido nada.
ticket-error-no-cookie = Permita las cookies
ticket-error-no-cookie-lead = Su navegador no ha guardado la cookie con la que inicia sesión aquí. Permita las cookies de este sitio e inténtelo de nuevo.

# Why not
refusal-unreadable = No hemos podido leer lo que ha enviado. Inténtelo de nuevo.
refusal-too-large = Es demasiado largo. Acórtelo e inténtelo de nuevo.
refusal-malformed = Falta algo. Rellene el campo e inténtelo de nuevo.
refusal-invalid-phone = No parece un número de teléfono completo. Compruebe el país y los dígitos.
refusal-invalid-email = No parece un correo electrónico completo. Compruébelo e inténtelo de nuevo.
refusal-invalid-identifier = No parece completo. Compruébelo e inténtelo de nuevo.
refusal-confirm-number = ¿Es correcto { $number }? Si lo es, envíelo de nuevo. Si no, corríjalo.
refusal-confirm-number-plain = ¿Es correcto el número? Si lo es, envíelo de nuevo. Si no, corríjalo.
refusal-country-not-served = No podemos enviar SMS a este tipo de número. Use un móvil de un país de la lista.
refusal-channel-not-offered = Los códigos no llegan por esa vía aquí. Pida uno nuevo por SMS.
refusal-invalid-code-format = Introduzca todos los dígitos del código del mensaje.
refusal-code-refused = Ese código no ha funcionado. Compruébelo o pida uno nuevo.
refusal-not-signed-in = Su sesión está cerrada. Inicie sesión para continuar.
refusal-flow-expired = Su código ha caducado. Pida uno nuevo.
refusal-no-flow = Ha pasado demasiado tiempo. Empiece de nuevo.
refusal-stale-flow = Ha empezado un inicio de sesión más reciente en este navegador, así que no hemos comprobado ni enviado nada para el anterior. Use el código más reciente o empiece de nuevo.
refusal-cookies-blocked = Su navegador no ha guardado la cookie de esta página, así que no hemos enviado nada. Permita las cookies de este sitio e inténtelo de nuevo.
refusal-cross-origin = Esta petición venía de otra dirección. Abra la página de inicio de sesión e inténtelo de nuevo.
refusal-forbidden = Su cuenta no tiene acceso a esta página. Si debería tenerlo, contacte con la asistencia de esta aplicación.
refusal-slow-down = Por seguridad, los códigos solo se pueden enviar y probar unas pocas veces seguidas. Espere { $time } e inténtelo de nuevo.
refusal-slow-down-plain = Por seguridad, los códigos solo se pueden enviar y probar unas pocas veces seguidas. Espere un poco e inténtelo de nuevo.
slow-down-network = Han llegado muchas solicitudes desde su red.
slow-down-country = Se han enviado muchos códigos a este país o región.
slow-down-service = Estamos enviando muchísimos códigos en este momento.
slow-down-resend = Ya ha pedido un código.
slow-down-repeated = Esto se ha hecho varias veces en poco tiempo.
slow-down-wait = Espere { $time } e inténtelo de nuevo.
refusal-unavailable = El problema es nuestro; no se ha perdido nada. Inténtelo de nuevo en { $time }.
refusal-unavailable-plain = El problema es nuestro; no se ha perdido nada. Inténtelo de nuevo en unos minutos.
refusal-network = No hemos podido contactar con el servicio. Compruebe su conexión e inténtelo de nuevo.
refusal-timeout = El servicio no ha respondido a tiempo. Compruebe su conexión e inténtelo de nuevo.

# Time
seconds = { $count ->
    [one] { $count } segundo
    [many] { $count } de segundos
   *[other] { $count } segundos
}
minutes = { $count ->
    [one] { $count } minuto
    [many] { $count } de minutos
   *[other] { $count } minutos
}
hours = { $count ->
    [one] { $count } hora
    [many] { $count } de horas
   *[other] { $count } horas
}
days = { $count ->
    [one] { $count } día
    [many] { $count } de días
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
