# Address: formal third person without a pronoun (“Introduza o seu número”); European vocabulary.

# Every page
skip = Saltar para o conteúdo principal
help = Ajuda
privacy = Privacidade
terms = Termos de utilização
error-title = Erro: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Idioma:

# Who are you
sign-in-title = Iniciar sessão
sign-in-heading = Introduza o número de telemóvel
sign-in-heading-email = Introduza o seu e-mail
sign-in-heading-user-id = Introduza o ID de utilizador
sign-in-heading-username = Introduza o nome de utilizador
sign-in-lead = Para iniciar sessão, enviamos-lhe um código por SMS.
identifier-lead = Enviamos um código por SMS para o telemóvel indicado no seu perfil.
signed-out-expired = A sua sessão expirou, por isso terminámo-la.
signed-out-too-many-sessions = Já tem sessão iniciada no número máximo de dispositivos em simultâneo, por isso terminámos a sessão aqui.
signed-out-revoked = A sua sessão aqui foi terminada a partir de outro navegador.
signed-out-by-operator = Um administrador terminou a sua sessão.
signed-out-other = Já não tem sessão iniciada.
code-too-old = Tem sessão iniciada, mas a página que pretende abrir exige primeiro um novo código.
code-not-by-sms = Tem sessão iniciada, mas a página que pretende abrir exige primeiro um código por SMS.
phone-label = Número de telemóvel
country-label = País ou indicativo
country-choose = País
phone-hint = Exemplo: { $example }. Outros países: comece por + e o indicativo.
phone-hint-plain = Se o seu país não está na lista, comece por + e o indicativo.
email-label = Endereço de e-mail
user-id-label = ID de utilizador
username-label = Nome de utilizador
identifier-label = ID de início de sessão
stay-label = Manter sessão iniciada
stay-hint = Apenas no seu próprio dispositivo.
send-button = Enviar código
sending = A enviar…
sign-in-new = Ainda não tem conta { $brand }?
sign-in-new-link = Criar uma conta

# Sign up
sign-up-title = Criar uma conta
sign-up-heading = Crie a sua conta
sign-up-lead = Basta um número de telemóvel. Enviamos-lhe um código por SMS para o confirmar.
name-label = Nome (opcional)
sign-up-have = Já tem uma conta?
sign-up-have-link = Iniciar sessão

# The code
code-title = Introduzir o código
code-heading = Introduza o código
code-lead = Veja se chegou um SMS com um código de { $length } dígitos para { $to }.
code-lead-other = Veja se chegou um SMS com um código de { $length } dígitos ao telemóvel de { $to }.
code-lead-email = Veja se chegou um e-mail com um código de { $length } dígitos, se a sua conta tiver um endereço de e-mail.
number-ending = o número terminado em { $digits }
mask-hidden = caracteres ocultos
code-label = Código
code-button = Iniciar sessão
checking = A verificar…
valid-for = Código válido durante { $time }
resent = Um novo código está a caminho. Os anteriores já não funcionam.
resent-email = Se chegar um código por e-mail, os anteriores já não funcionam.
expired-heading = O seu código expirou
expired-lead = Os códigos só são válidos durante pouco tempo. Peça um novo para { $to }.
expired-lead-other = Os códigos só são válidos durante pouco tempo. Peça um novo para o telemóvel de { $to }.
resend-question = Não recebeu o código?
resend-button = Enviar um novo código
resend-button-sms = Enviar um novo código por SMS
resend-wait = Pode pedir um novo código dentro de { $time }.
resend-ready = Já pode pedir um novo código.
email-button = Receber o código por e-mail
other-number = Usar outro número
other-identifier = Começar de novo
blocked-heading = Demasiadas tentativas
blocked-lead = Para proteger a sua conta, aguarde { $time }.
blocked-button = Tentar novamente
tries-left = { $count ->
    [0] Já não tem tentativas.
    [one] Tem mais uma tentativa.
    [many] Tem mais { $count } de tentativas.
   *[other] Tem mais { $count } tentativas.
}
code-help = Ajuda com o código
help-number = Confirme o número acima. Só enviamos códigos para números com uma conta.
help-number-sign-up = Confirme o número acima. Só enviamos o código para esse número.
help-identifier = Confirme o que escreveu. Só enviamos o código para o número de telemóvel associado a uma conta.
help-wait = Um SMS pode demorar um ou dois minutos. Verifique se tem rede e se o telemóvel bloqueia remetentes desconhecidos.
help-email = Nenhum SMS? Pode receber o código por e-mail. Só o enviamos para o endereço guardado numa conta. Veja também a pasta de lixo. Quem puder ler essa caixa de correio pode iniciar sessão.
help-limits = Um código é válido durante { $lifetime } e permite { $tries ->
    [one] uma tentativa
    [many] até { $tries } de tentativas
   *[other] até { $tries } tentativas
}. Pode pedir um novo após { $cooldown }; os seguintes demoram mais. Depois de demasiados códigos errados, poderá ter de aguardar { $lockout }.
help-weaker = Um SMS é menos seguro do que uma chave de acesso ou uma aplicação: as mensagens podem ser intercetadas e os números podem ser roubados. Nunca dê o código a ninguém, nem mesmo a nós.
help-address = Só pedimos códigos em { $host }. Nunca os introduza noutro sítio.
help-other-way = Perguntar por outra forma de iniciar sessão

# The account
account-title = A sua conta
account-heading = Tem sessão iniciada
account-number = Número de telemóvel
account-identifier = Conta
account-since = Sessão iniciada em
account-ends = A sessão termina em
account-idle = Ou antes, após { $time } de inatividade.
sign-out-button = Terminar sessão
new-browser-heading = Primeira sessão neste navegador
new-browser-text = Se vir abaixo um navegador que não é seu, termine a sessão nesse navegador.
new-device-heading = Sessão iniciada num novo navegador
new-device-text = { $device }, { $time }.
new-device-advice = Se não reconhece este acesso, termine todas as outras sessões abaixo e contacte o apoio.
absent-heading = Olá de novo
absent-text = O seu último início de sessão foi em { $time }. Se não iniciou sessão agora mesmo, termine todas as outras sessões abaixo.
sessions-heading = Onde tem sessão iniciada
session-on = { $browser } no { $system }
session-unknown = Navegador desconhecido
session-current = Este navegador
session-seen = Última atividade: { $time }
session-since = Início de sessão: { $time }
session-end = Terminar sessão
sessions-others = Terminar outras sessões
idle-heading = Ainda está aí?
idle-text = A sua sessão termina dentro de { $time }.
idle-at = Se não houver atividade, a sua sessão termina em { $time }.
idle-button = Manter sessão iniciada

# Sign out
sign-out-title = Terminar sessão
sign-out-heading = Quer terminar a sessão?
sign-out-lead = Vai precisar de um novo código para voltar a iniciar sessão.
sign-out-back = Manter sessão iniciada
signed-out-title = Sessão terminada
signed-out-heading = A sua sessão foi terminada
signed-out-lead = Ninguém tem sessão iniciada neste navegador.
signed-out-button = Voltar a iniciar sessão

# Elsewhere
not-found-title = Página não encontrada
not-found-lead = Não existe nada neste endereço. Verifique-o ou comece de novo.
start-button = Voltar à página inicial
failure-title = Ocorreu um problema
failure-refused = Não pudemos aceitar o pedido
failure-unreadable = Não conseguimos ler o pedido
failure-wait = Aguarde um momento
failure-unavailable = Não é possível neste momento
failure-reference = Se contactar o apoio, indique esta referência:
ticket-error-used = Vamos tentar novamente
ticket-error-used-lead = Este link só funciona uma vez, durante meio minuto e num único navegador. Nada se perdeu.
ticket-error-no-cookie = Permita os cookies
ticket-error-no-cookie-lead = O seu navegador não guardou o cookie necessário para iniciar sessão aqui. Permita os cookies deste site e tente novamente.

# Why not
refusal-unreadable = Não conseguimos ler o que enviou. Tente novamente.
refusal-too-large = É demasiado longo. Encurte o texto e tente novamente.
refusal-malformed = Falta alguma coisa. Preencha o campo e tente novamente.
refusal-invalid-phone = Não parece ser um número completo. Verifique o país e os dígitos.
refusal-invalid-email = Não parece ser um endereço de e-mail completo. Verifique-o e tente novamente.
refusal-invalid-identifier = Não parece estar completo. Verifique e tente novamente.
refusal-confirm-number = O número { $number } está certo? Se sim, envie-o novamente. Se não, corrija-o.
refusal-confirm-number-plain = O número está certo? Se sim, envie-o novamente. Se não, corrija-o.
refusal-country-not-served = Não podemos enviar SMS para este tipo de número. Use um número de telemóvel de um país da lista.
refusal-channel-not-offered = Aqui os códigos não chegam dessa forma. Peça um novo por SMS.
refusal-invalid-code-format = Introduza todos os dígitos do código da mensagem.
refusal-code-refused = Esse código não funcionou. Verifique-o ou peça um novo.
refusal-not-signed-in = A sua sessão terminou. Inicie sessão para continuar.
refusal-flow-expired = O seu código expirou. Peça um novo.
refusal-no-flow = Passou demasiado tempo. Comece de novo.
refusal-stale-flow = Começou entretanto um novo início de sessão neste navegador, por isso não verificámos nem enviámos nada para o anterior. Use o código mais recente ou comece de novo.
refusal-cookies-blocked = O seu navegador não guardou o cookie desta página, por isso não foi enviado nada. Permita os cookies deste site e tente novamente.
refusal-cross-origin = Este pedido veio de outro endereço. Abra a página de início de sessão e tente novamente.
refusal-forbidden = A sua conta não tem acesso a esta página. Se devia ter, contacte o apoio desta aplicação.
refusal-slow-down = Por segurança, os códigos só podem ser enviados e experimentados algumas vezes seguidas. Aguarde { $time } e tente novamente.
refusal-slow-down-plain = Por segurança, os códigos só podem ser enviados e experimentados algumas vezes seguidas. Aguarde um pouco e tente novamente.
slow-down-network = Chegaram muitos pedidos da sua rede.
slow-down-country = Foram enviados muitos códigos para este país ou região.
slow-down-service = Estamos a enviar muitos códigos neste momento.
slow-down-resend = Já pediu um código.
slow-down-repeated = Isto foi feito várias vezes em pouco tempo.
slow-down-wait = Aguarde { $time } e tente novamente.
refusal-unavailable = O problema é nosso; nada se perdeu. Tente novamente dentro de { $time }.
refusal-unavailable-plain = O problema é nosso; nada se perdeu. Tente novamente dentro de alguns minutos.
refusal-network = Não foi possível aceder ao serviço. Verifique a sua ligação e tente novamente.
refusal-timeout = O serviço não respondeu a tempo. Verifique a sua ligação e tente novamente.

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
    [one] { $count } dia
    [many] { $count } de dias
   *[other] { $count } dias
}
date = { $day } de { $month } de { $year }, { $clock } UTC
month-1 = janeiro
month-2 = fevereiro
month-3 = março
month-4 = abril
month-5 = maio
month-6 = junho
month-7 = julho
month-8 = agosto
month-9 = setembro
month-10 = outubro
month-11 = novembro
month-12 = dezembro

# The text message. GSM-7 characters where the language allows.
message = Use { $otp } para entrar em { $app }. Nunca partilhe isto com ninguém.
