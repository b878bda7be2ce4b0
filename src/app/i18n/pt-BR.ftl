# Address: você, third person imperative (“Digite seu número”); Brazilian vocabulary.

# Every page
skip = Pular para o conteúdo principal
help = Ajuda
privacy = Privacidade
terms = Termos de uso
error-title = Erro: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Idioma:

# Who are you
sign-in-title = Entrar
sign-in-heading = Digite seu número de celular
sign-in-heading-email = Digite seu e-mail
sign-in-heading-user-id = Digite seu ID de usuário
sign-in-heading-username = Digite seu nome de usuário
sign-in-lead = Vamos enviar um código por SMS para você entrar.
identifier-lead = Vamos enviar um código por SMS para o celular do seu perfil.
signed-out-expired = Sua sessão expirou, por isso foi encerrada.
signed-out-too-many-sessions = Você já está usando o número máximo de dispositivos ao mesmo tempo, por isso encerramos a sessão aqui.
signed-out-revoked = Sua sessão aqui foi encerrada por outro navegador.
signed-out-by-operator = Um administrador encerrou sua sessão.
signed-out-other = Sua sessão não está mais ativa.
code-too-old = Sua sessão está ativa, mas a página que você quer abrir pede antes um novo código.
code-not-by-sms = Sua sessão está ativa, mas a página que você quer abrir pede antes um código por SMS.
phone-label = Número de celular
country-label = País ou código do país
country-choose = País
phone-hint = Exemplo: { $example }. Outros países: comece com + e o código do país.
phone-hint-plain = Se o seu país não está na lista, comece com + e o código do país.
email-label = E-mail
user-id-label = ID de usuário
username-label = Nome de usuário
identifier-label = ID de acesso
stay-label = Manter a sessão ativa
stay-hint = Somente no seu próprio dispositivo.
send-button = Enviar código
sending = Enviando…
sign-in-new = Ainda não tem conta { $brand }?
sign-in-new-link = Criar uma conta

# Sign up
sign-up-title = Criar uma conta
sign-up-heading = Crie sua conta
sign-up-lead = Você só precisa de um número de celular. Vamos enviar um código por SMS para confirmá-lo.
name-label = Nome (opcional)
sign-up-have = Já tem uma conta?
sign-up-have-link = Entrar

# The code
code-title = Digite o código
code-heading = Digite o código
code-lead = Veja se chegou um SMS com um código de { $length } dígitos para { $to }.
code-lead-other = Veja se chegou um SMS com um código de { $length } dígitos no celular de { $to }.
code-lead-email = Veja se chegou um e-mail com um código de { $length } dígitos, se sua conta tem um endereço de e-mail.
number-ending = o número com final { $digits }
mask-hidden = caracteres ocultos
code-label = Código
code-button = Entrar
checking = Verificando…
valid-for = Código válido por { $time }
resent = Um novo código está a caminho. Os anteriores não funcionam mais.
resent-email = Se um código chegar por e-mail, os anteriores não funcionam mais.
expired-heading = Seu código expirou
expired-lead = Os códigos valem por pouco tempo. Peça um novo para { $to }.
expired-lead-other = Os códigos valem por pouco tempo. Peça um novo para o celular de { $to }.
resend-question = Não recebeu o código?
resend-button = Enviar novo código
resend-button-sms = Enviar novo código por SMS
resend-wait = Você poderá pedir um novo código em { $time }.
resend-ready = Você já pode pedir um novo código.
email-button = Receber o código por e-mail
other-number = Usar outro número
other-identifier = Começar de novo
blocked-heading = Muitas tentativas
blocked-lead = Para proteger sua conta, aguarde { $time }.
blocked-button = Tentar novamente
tries-left = { $count ->
    [0] Você não tem mais tentativas.
    [one] Você ainda tem uma tentativa.
    [many] Você ainda tem { $count } de tentativas.
   *[other] Você ainda tem { $count } tentativas.
}
code-help = Ajuda com o código
help-number = Confira o número acima. Só enviamos códigos para números que têm uma conta.
help-number-sign-up = Confira o número acima. Só enviamos o código para ele.
help-identifier = Confira o que você digitou. Só enviamos o código para o celular cadastrado em uma conta.
help-wait = O SMS pode demorar um ou dois minutos. Verifique o sinal e se o celular bloqueia remetentes desconhecidos.
help-email = Nenhum SMS? Você pode receber o código por e-mail. Só o enviamos para o endereço salvo em uma conta. Veja também a pasta de spam. Quem pode ler essa caixa de entrada pode entrar.
help-limits = Um código vale por { $lifetime } e permite { $tries ->
    [one] uma tentativa
    [many] até { $tries } de tentativas
   *[other] até { $tries } tentativas
}. Você pode pedir um novo após { $cooldown }; os seguintes demoram mais. Depois de muitos códigos errados, talvez seja preciso aguardar { $lockout }.
help-weaker = Um SMS é menos seguro que uma chave de acesso ou um app: mensagens podem ser interceptadas e números podem ser roubados. Nunca passe o código para ninguém, nem para nós.
help-address = Só pedimos códigos em { $host }. Nunca digite um código em outro lugar.
help-other-way = Perguntar sobre outra forma de entrar

# The account
account-title = Sua conta
account-heading = Sua sessão está ativa
account-number = Número de celular
account-identifier = Conta
account-since = Sessão iniciada em
account-ends = A sessão termina em
account-idle = Ou antes, após { $time } de inatividade.
sign-out-button = Sair
new-browser-heading = Primeiro acesso neste navegador
new-browser-text = Se aparecer abaixo um navegador que não é seu, encerre a sessão nele.
new-device-heading = Acesso em um novo navegador
new-device-text = { $device }, { $time }.
new-device-advice = Se não foi você, encerre todas as outras sessões abaixo e fale com o suporte.
absent-heading = Que bom ter você de volta
absent-text = Seu último acesso foi em { $time }. Se não foi você que entrou agora, encerre todas as outras sessões abaixo.
sessions-heading = Suas sessões ativas
session-on = { $browser } no { $system }
session-unknown = Navegador desconhecido
session-current = Este navegador
session-seen = Última atividade: { $time }
session-since = Início da sessão: { $time }
session-end = Encerrar sessão
sessions-others = Encerrar outras sessões
idle-heading = Você ainda está aí?
idle-text = Sua sessão será encerrada em { $time }.
idle-at = Se não houver atividade, sua sessão será encerrada em { $time }.
idle-button = Manter a sessão ativa

# Sign out
sign-out-title = Sair
sign-out-heading = Quer sair?
sign-out-lead = Você vai precisar de um novo código para entrar de novo.
sign-out-back = Manter a sessão ativa
signed-out-title = Sessão encerrada
signed-out-heading = Sua sessão foi encerrada
signed-out-lead = Não há sessão ativa neste navegador.
signed-out-button = Entrar de novo

# Elsewhere
not-found-title = Página não encontrada
not-found-lead = Não há nada neste endereço. Confira se está certo ou comece de novo.
start-button = Voltar ao início
failure-title = Algo deu errado
failure-refused = Não pudemos aceitar isso
failure-unreadable = Não conseguimos ler isso
failure-wait = Aguarde um momento
failure-unavailable = Isso não é possível agora
failure-reference = Se falar com o suporte, informe esta referência:
ticket-error-used = Vamos tentar de novo
ticket-error-used-lead = Este link só funciona uma vez, por meio minuto e em um único navegador. Nada foi perdido.
ticket-error-no-cookie = Permita os cookies
ticket-error-no-cookie-lead = Seu navegador não guardou o cookie necessário para entrar aqui. Permita os cookies deste site e tente novamente.

# Why not
refusal-unreadable = Não conseguimos ler o que você enviou. Tente novamente.
refusal-too-large = O texto é muito longo. Encurte-o e tente novamente.
refusal-malformed = Está faltando algo. Preencha o campo e tente novamente.
refusal-invalid-phone = Este número não parece completo. Confira o país e os dígitos.
refusal-invalid-email = Este e-mail não parece completo. Confira e tente novamente.
refusal-invalid-identifier = Parece que está incompleto. Confira e tente novamente.
refusal-confirm-number = O número { $number } está certo? Se estiver, envie-o de novo. Se não, corrija-o.
refusal-confirm-number-plain = O número está certo? Se estiver, envie-o de novo. Se não, corrija-o.
refusal-country-not-served = Não podemos enviar SMS para este tipo de número. Use um celular de um país da lista.
refusal-channel-not-offered = Os códigos não chegam por esse meio aqui. Peça um novo por SMS.
refusal-invalid-code-format = Digite todos os dígitos do código da mensagem.
refusal-code-refused = Esse código não funcionou. Confira o código ou peça um novo.
refusal-not-signed-in = Sua sessão foi encerrada. Entre para continuar.
refusal-flow-expired = Seu código expirou. Peça um novo.
refusal-no-flow = Passou tempo demais. Comece de novo.
refusal-stale-flow = Você começou um novo acesso neste navegador, por isso não verificamos nem enviamos nada para o anterior. Use o código mais recente ou comece de novo.
refusal-cookies-blocked = Seu navegador não guardou o cookie desta página, por isso nada foi enviado. Permita os cookies deste site e tente novamente.
refusal-cross-origin = Esta solicitação veio de outro endereço. Abra a página de acesso e tente novamente.
refusal-forbidden = Sua conta não tem acesso a esta página. Se deveria ter, fale com o suporte deste aplicativo.
refusal-slow-down = Por segurança, os códigos só podem ser enviados e testados algumas vezes seguidas. Aguarde { $time } e tente novamente.
refusal-slow-down-plain = Por segurança, os códigos só podem ser enviados e testados algumas vezes seguidas. Aguarde um pouco e tente novamente.
slow-down-network = Chegaram muitas solicitações da sua rede.
slow-down-country = Muitos códigos foram enviados para este país ou região.
slow-down-service = Estamos enviando muitos códigos neste momento.
slow-down-resend = Você já pediu um código.
slow-down-repeated = Isso foi feito várias vezes em pouco tempo.
slow-down-wait = Aguarde { $time } e tente novamente.
refusal-unavailable = O problema é do nosso lado; nada foi perdido. Tente novamente em { $time }.
refusal-unavailable-plain = O problema é do nosso lado; nada foi perdido. Tente novamente em alguns minutos.
refusal-network = Não foi possível acessar o serviço. Verifique sua conexão e tente novamente.
refusal-timeout = O serviço não respondeu a tempo. Verifique sua conexão e tente novamente.

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
message = Use { $otp } para entrar em { $app }. Nunca compartilhe isso com ninguém.
