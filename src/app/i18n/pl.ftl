# Address: second person singular without a pronoun; “Ty” and “Twój” with a capital letter. No past tense in the second person, because it would have a gender.

# Every page
skip = Przejdź do głównej treści
help = Pomoc
privacy = Prywatność
terms = Regulamin
error-title = Błąd: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Język:

# Who are you
sign-in-title = Zaloguj się
sign-in-heading = Podaj swój numer telefonu
sign-in-heading-email = Podaj swój adres e-mail
sign-in-heading-user-id = Podaj ID użytkownika
sign-in-heading-username = Podaj nazwę użytkownika
sign-in-lead = Wyślemy Ci SMS z kodem do logowania.
identifier-lead = Wyślemy SMS z kodem na numer telefonu z Twojego profilu.
signed-out-expired = Sesja wygasła, dlatego Cię wylogowaliśmy.
signed-out-too-many-sessions = Korzystasz już z tylu urządzeń, z ilu można jednocześnie, dlatego wylogowaliśmy Cię tutaj.
signed-out-revoked = Wylogowano Cię stąd przy użyciu innej przeglądarki.
signed-out-by-operator = Wylogował Cię administrator.
signed-out-other = Twoja sesja się zakończyła.
code-too-old = Masz aktywną sesję, ale strona, którą chcesz otworzyć, wymaga najpierw nowego kodu.
code-not-by-sms = Masz aktywną sesję, ale strona, którą chcesz otworzyć, wymaga najpierw kodu z SMS-a.
phone-label = Numer telefonu
country-label = Kraj lub numer kierunkowy
country-choose = Kraj
phone-hint = Przykład: { $example }. Inne kraje: zacznij od + i numeru kierunkowego.
phone-hint-plain = Jeśli Twojego kraju nie ma na liście, zacznij od + i numeru kierunkowego.
email-label = Adres e-mail
user-id-label = ID użytkownika
username-label = Nazwa użytkownika
identifier-label = Identyfikator logowania
stay-label = Nie wylogowuj mnie
stay-hint = Tylko na własnym urządzeniu.
send-button = Wyślij kod
sending = Wysyłanie…
sign-in-new = Pierwszy raz w { $brand }?
sign-in-new-link = Utwórz konto

# Sign up
sign-up-title = Utwórz konto
sign-up-heading = Utwórz swoje konto
sign-up-lead = Wystarczy numer telefonu. Aby go potwierdzić, wyślemy Ci SMS z kodem.
name-label = Imię i nazwisko (opcjonalnie)
sign-up-have = Masz już konto?
sign-up-have-link = Zaloguj się

# The code
code-title = Wpisz kod
code-heading = Wpisz kod
code-lead = SMS z { $length }‑cyfrowym kodem przyjdzie na { $to }.
code-lead-other = SMS z { $length }‑cyfrowym kodem przyjdzie na telefon użytkownika { $to }.
code-lead-email = E-mail z { $length }‑cyfrowym kodem przyjdzie, jeśli do konta jest zapisany adres e-mail.
number-ending = numer z końcówką { $digits }
mask-hidden = ukryte znaki
code-label = Kod
code-button = Zaloguj się
checking = Sprawdzanie…
valid-for = Kod ważny jeszcze { $time }
resent = Nowy kod jest w drodze. Poprzednie kody już nie działają.
resent-email = Jeśli kod przyjdzie e-mailem, poprzednie kody przestaną działać.
expired-heading = Twój kod wygasł
expired-lead = Kody działają tylko przez krótki czas. Poproś o nowy ({ $to }).
expired-lead-other = Kody działają tylko przez krótki czas. Poproś o nowy na telefon użytkownika { $to }.
resend-question = Kod nie dotarł?
resend-button = Wyślij nowy kod
resend-button-sms = Wyślij nowy kod SMS-em
resend-wait = Nowy kod możesz otrzymać za { $time }.
resend-ready = Możesz już otrzymać nowy kod.
email-button = Odbierz kod e-mailem
other-number = Użyj innego numeru
other-identifier = Zacznij od nowa
blocked-heading = Zbyt wiele prób
blocked-lead = Dla bezpieczeństwa konta zaczekaj { $time }.
blocked-button = Spróbuj ponownie
tries-left = { $count ->
    [0] Nie masz już więcej prób.
    [one] Została Ci jedna próba.
    [few] Zostały Ci { $count } próby.
    [many] Zostało Ci { $count } prób.
   *[other] Zostało Ci { $count } próby.
}
code-help = Pomoc dotycząca kodu
help-number = Sprawdź numer powyżej. Kody wysyłamy tylko na numery powiązane z kontem.
help-number-sign-up = Sprawdź numer powyżej. Kod wysyłamy tylko na ten numer.
help-identifier = Sprawdź wpisane dane. Kod wysyłamy tylko na numer telefonu zapisany na koncie.
help-wait = SMS może dotrzeć dopiero po minucie lub dwóch. Sprawdź zasięg i to, czy telefon nie blokuje nieznanych nadawców.
help-email = Nie ma SMS-a? Kod może przyjść e-mailem. Wysyłamy go tylko na adres zapisany przy koncie. Sprawdź też folder ze spamem. Każdy, kto może czytać tę skrzynkę, może się zalogować.
help-limits = Kod działa przez { $lifetime } i pozwala na { $tries ->
    [one] jedną próbę
    [few] najwyżej { $tries } próby
    [many] najwyżej { $tries } prób
   *[other] najwyżej { $tries } próby
}. Nowy możesz otrzymać po { $cooldown }, na kolejne czeka się dłużej. Po zbyt wielu błędnych kodach trzeba czasem odczekać { $lockout }.
    .case-cooldown = locative
help-weaker = SMS jest mniej bezpieczny niż klucz dostępu lub aplikacja: wiadomość można przechwycić, a numer przejąć. Nie podawaj kodu nikomu, nawet nam.
help-address = O kody prosimy tylko na stronie { $host }. Nie wpisuj ich nigdzie indziej.
help-other-way = Zapytaj o inny sposób logowania

# The account
account-title = Twoje konto
account-heading = Twoja sesja jest aktywna
account-number = Numer telefonu
account-identifier = Zalogowano jako
account-since = Początek sesji
account-ends = Koniec sesji
account-idle = Wcześniej w razie bezczynności przez { $time }.
sign-out-button = Wyloguj się
new-browser-heading = Pierwsze logowanie w tej przeglądarce
new-browser-text = Jeśli widzisz poniżej przeglądarkę, która nie należy do Ciebie, wyloguj ją.
new-device-heading = Logowanie w nowej przeglądarce
new-device-text = { $device }, { $time }.
new-device-advice = Jeśli to nie Ty, wyloguj poniżej wszystkie inne przeglądarki i skontaktuj się z pomocą techniczną.
absent-heading = Witaj ponownie
absent-text = Poprzednie logowanie: { $time }. Jeśli to nie Ty się teraz logujesz, wyloguj poniżej wszystkie inne przeglądarki.
sessions-heading = Twoje aktywne sesje
session-on = { $browser } w systemie { $system }
session-unknown = Nieznana przeglądarka
session-current = Ta przeglądarka
session-seen = Ostatnia aktywność: { $time }
session-since = Logowanie: { $time }
session-end = Wyloguj
sessions-others = Wyloguj wszystkie inne
idle-heading = Czy nadal tu jesteś?
idle-text = Wylogujemy Cię za { $time }.
idle-at = W razie bezczynności wylogujemy Cię { $time }.
idle-button = Nie wylogowuj mnie

# Sign out
sign-out-title = Wyloguj się
sign-out-heading = Czy chcesz się wylogować?
sign-out-lead = Do ponownego zalogowania będzie potrzebny nowy kod.
sign-out-back = Nie wylogowuj mnie
signed-out-title = Wylogowano
signed-out-heading = Wylogowano Cię
signed-out-lead = W tej przeglądarce nikt nie jest zalogowany.
signed-out-button = Wróć do logowania

# Elsewhere
not-found-title = Nie znaleziono strony
not-found-lead = Pod tym adresem nic nie ma. Sprawdź adres lub zacznij od nowa.
start-button = Wróć na stronę główną
failure-title = Coś poszło nie tak
failure-refused = Nie możemy tego przyjąć
failure-unreadable = Nie udało się tego odczytać
failure-wait = Zaczekaj chwilę
failure-unavailable = Teraz nie jest to możliwe
failure-reference = W rozmowie z pomocą techniczną podaj ten numer:
ticket-error-used = Spróbujmy jeszcze raz
ticket-error-used-lead = Ten link działa tylko raz, przez pół minuty i w jednej przeglądarce. Nic nie przepadło.
ticket-error-no-cookie = Zezwól na pliki cookie
ticket-error-no-cookie-lead = Przeglądarka nie zachowała pliku cookie, który służy tu do logowania. Zezwól na pliki cookie w tej witrynie i spróbuj ponownie.

# Why not
refusal-unreadable = Nie udało się odczytać wysłanych danych. Spróbuj ponownie.
refusal-too-large = To jest za długie. Skróć tekst i spróbuj ponownie.
refusal-malformed = Czegoś brakuje. Wypełnij pole i spróbuj ponownie.
refusal-invalid-phone = To nie wygląda na pełny numer telefonu. Sprawdź kraj i cyfry.
refusal-invalid-email = To nie wygląda na pełny adres e-mail. Sprawdź go i spróbuj ponownie.
refusal-invalid-identifier = Chyba czegoś tu brakuje. Sprawdź wpisane dane i spróbuj ponownie.
refusal-confirm-number = Czy numer { $number } jest prawidłowy? Jeśli tak, wyślij go jeszcze raz. Jeśli nie, popraw go.
refusal-confirm-number-plain = Czy numer jest prawidłowy? Jeśli tak, wyślij go jeszcze raz. Jeśli nie, popraw go.
refusal-country-not-served = Na numery tego rodzaju nie możemy wysyłać SMS-ów. Podaj numer komórkowy z kraju na liście.
refusal-channel-not-offered = Kody nie przychodzą tu w ten sposób. Poproś o nowy SMS-em.
refusal-invalid-code-format = Wpisz wszystkie cyfry kodu z wiadomości.
refusal-code-refused = Ten kod nie zadziałał. Sprawdź go lub poproś o nowy.
refusal-not-signed-in = Sesja się zakończyła. Zaloguj się, aby przejść dalej.
refusal-flow-expired = Twój kod wygasł. Poproś o nowy.
refusal-no-flow = Minęło zbyt dużo czasu. Zacznij od nowa.
refusal-stale-flow = W tej przeglądarce trwa nowsze logowanie, dlatego dla wcześniejszego niczego nie sprawdziliśmy ani nie wysłaliśmy. Użyj najnowszego kodu lub zacznij od nowa.
refusal-cookies-blocked = Przeglądarka nie zachowała pliku cookie tej strony, dlatego niczego nie wysłaliśmy. Zezwól na pliki cookie w tej witrynie i spróbuj ponownie.
refusal-cross-origin = To żądanie przyszło z innego adresu. Otwórz stronę logowania i spróbuj ponownie.
refusal-forbidden = Twoje konto nie ma dostępu do tej strony. Jeśli powinno go mieć, skontaktuj się z pomocą techniczną tej aplikacji.
refusal-slow-down = Ze względów bezpieczeństwa kody można wysyłać i wpisywać tylko kilka razy z rzędu. Zaczekaj { $time } i spróbuj ponownie.
refusal-slow-down-plain = Ze względów bezpieczeństwa kody można wysyłać i wpisywać tylko kilka razy z rzędu. Zaczekaj chwilę i spróbuj ponownie.
slow-down-network = Z Twojej sieci przyszło wiele żądań.
slow-down-country = Do tego kraju lub regionu wysłano wiele kodów.
slow-down-service = Wysyłamy teraz bardzo dużo kodów.
slow-down-resend = Kod został już zamówiony.
slow-down-repeated = Zrobiono to kilka razy w krótkim czasie.
slow-down-wait = Zaczekaj { $time } i spróbuj ponownie.
refusal-unavailable = Problem jest po naszej stronie, nic nie przepadło. Spróbuj ponownie za { $time }.
refusal-unavailable-plain = Problem jest po naszej stronie, nic nie przepadło. Spróbuj ponownie za kilka minut.
refusal-network = Nie udało się połączyć z usługą. Sprawdź połączenie i spróbuj ponownie.
refusal-timeout = Usługa nie odpowiedziała na czas. Sprawdź połączenie i spróbuj ponownie.

# Time
seconds = { $count ->
    [one] { $count } sekundę
    [few] { $count } sekundy
    [many] { $count } sekund
   *[other] { $count } sekundy
}
    .locative = { $count ->
        [one] { $count } sekundzie
        [few] { $count } sekundach
        [many] { $count } sekundach
       *[other] { $count } sekundy
    }
minutes = { $count ->
    [one] { $count } minutę
    [few] { $count } minuty
    [many] { $count } minut
   *[other] { $count } minuty
}
    .locative = { $count ->
        [one] { $count } minucie
        [few] { $count } minutach
        [many] { $count } minutach
       *[other] { $count } minuty
    }
hours = { $count ->
    [one] { $count } godzinę
    [few] { $count } godziny
    [many] { $count } godzin
   *[other] { $count } godziny
}
    .locative = { $count ->
        [one] { $count } godzinie
        [few] { $count } godzinach
        [many] { $count } godzinach
       *[other] { $count } godziny
    }
days = { $count ->
    [one] { $count } dzień
    [few] { $count } dni
    [many] { $count } dni
   *[other] { $count } dnia
}
    .locative = { $count ->
        [one] { $count } dniu
        [few] { $count } dniach
        [many] { $count } dniach
       *[other] { $count } dnia
    }
date = { $day } { $month } { $year }, { $clock } UTC
month-1 = stycznia
month-2 = lutego
month-3 = marca
month-4 = kwietnia
month-5 = maja
month-6 = czerwca
month-7 = lipca
month-8 = sierpnia
month-9 = września
month-10 = października
month-11 = listopada
month-12 = grudnia

# The text message. GSM-7 characters where the language allows.
message = Kod do { $app }: { $otp }. Nie podawaj go nikomu.
