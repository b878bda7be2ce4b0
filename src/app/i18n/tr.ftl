# Address: siz, polite imperative (-in, -iniz); buttons have the bare stem, as is usual.

# Every page
skip = Ana içeriğe geç
help = Yardım
privacy = Gizlilik
terms = Kullanım koşulları
error-title = Hata: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Dil:

# Who are you
sign-in-title = Giriş yap
sign-in-heading = Telefon numaranızı girin
sign-in-heading-email = E-posta adresinizi girin
sign-in-heading-user-id = Kullanıcı kimliğinizi girin
sign-in-heading-username = Kullanıcı adınızı girin
sign-in-lead = Giriş yapmanız için SMS ile bir kod göndereceğiz.
identifier-lead = Profilinizdeki telefon numarasına SMS ile bir kod göndereceğiz.
signed-out-expired = Oturumunuzun süresi doldu, bu yüzden çıkışınız yapıldı.
signed-out-too-many-sessions = Oturumunuz aynı anda izin verilen sayıda cihazda açık. Bu yüzden buradaki oturumu kapattık.
signed-out-revoked = Buradaki oturumunuz başka bir tarayıcıdan kapatıldı.
signed-out-by-operator = Oturumunuzu bir yönetici kapattı.
signed-out-other = Oturumunuz artık açık değil.
code-too-old = Oturumunuz açık, ancak açmak istediğiniz sayfa için önce yeni bir kod gerekiyor.
code-not-by-sms = Oturumunuz açık, ancak açmak istediğiniz sayfa için önce SMS ile gelen bir kod gerekiyor.
phone-label = Telefon numarası
country-label = Ülke veya bölge kodu
country-choose = Ülke
phone-hint = Örnek: { $example }. Diğer ülkeler: + ve ülke koduyla başlayın.
phone-hint-plain = Ülkeniz listede yoksa + ve ülke koduyla başlayın.
email-label = E-posta adresi
user-id-label = Kullanıcı kimliği
username-label = Kullanıcı adı
identifier-label = Giriş kimliği
stay-label = Oturumum açık kalsın
stay-hint = Yalnızca kendi cihazınızda.
send-button = Kod gönder
sending = Gönderiliyor…
sign-in-new = { $brand } hesabınız yok mu?
sign-in-new-link = Hesap oluştur

# Sign up
sign-up-title = Hesap oluştur
sign-up-heading = Hesabınızı oluşturun
sign-up-lead = Telefon numaranız yeterli. Numaranızı doğrulamak için SMS ile bir kod göndereceğiz.
name-label = Ad (isteğe bağlı)
sign-up-have = Zaten hesabınız var mı?
sign-up-have-link = Giriş yap

# The code
code-title = Kodu girin
code-heading = Kodu girin
code-lead = { $length } haneli kod şu numaraya SMS ile gelecek: { $to }.
code-lead-other = { $length } haneli kod, { $to } kullanıcısının telefonuna SMS ile gelecek.
code-lead-email = Hesabınızda bir e-posta adresi varsa { $length } haneli kod e-posta ile gelecek.
number-ending = sonu { $digits } olan numara
mask-hidden = gizli karakterler
code-label = Kod
code-button = Giriş yap
checking = Kontrol ediliyor…
valid-for = Kodun kalan süresi: { $time }
resent = Yeni kod yolda. Önceki kodlar artık geçerli değil.
resent-email = Bir kod e-posta ile gelirse önceki kodlar artık geçerli olmaz.
expired-heading = Kodun süresi doldu
expired-lead = Kodlar yalnızca kısa bir süre geçerlidir. Yeni kod alın: { $to }.
expired-lead-other = Kodlar yalnızca kısa bir süre geçerlidir. { $to } kullanıcısının telefonuna yeni kod alın.
resend-question = Kod gelmedi mi?
resend-button = Yeni kod gönder
resend-button-sms = SMS ile yeni kod gönder
resend-wait = { $time } sonra yeni kod alabilirsiniz.
resend-ready = Artık yeni kod alabilirsiniz.
email-button = Kodu e-posta ile al
other-number = Başka numara kullan
other-identifier = Baştan başla
blocked-heading = Çok fazla deneme yapıldı
blocked-lead = Hesabınızın güvenliği için lütfen { $time } bekleyin.
blocked-button = Tekrar dene
tries-left = { $count ->
    [0] Deneme hakkınız kalmadı.
    [one] Bir deneme hakkınız kaldı.
   *[other] { $count } deneme hakkınız kaldı.
}
code-help = Kodla ilgili yardım
help-number = Yukarıdaki numarayı kontrol edin. Kodları yalnızca hesabı olan numaralara gönderiyoruz.
help-number-sign-up = Yukarıdaki numarayı kontrol edin. Kodu yalnızca bu numaraya gönderiyoruz.
help-identifier = Yazdığınızı kontrol edin. Kodu yalnızca bir hesaba kayıtlı telefon numarasına gönderiyoruz.
help-wait = SMS’in gelmesi bir iki dakika sürebilir. Telefonunuzun çekip çekmediğini ve bilinmeyen gönderenleri engelleyip engellemediğini kontrol edin.
help-email = SMS gelmedi mi? Kodu e-posta ile alabilirsiniz. Kodu yalnızca bir hesapta kayıtlı adrese gönderiyoruz. İstenmeyen posta klasörüne de bakın. O posta kutusunu okuyabilen herkes oturum açabilir.
help-limits = Bir kod { $lifetime } geçerlidir ve { $tries ->
    [one] yalnızca { $tries } kez denenebilir
   *[other] en fazla { $tries } kez denenebilir
}. { $cooldown } sonra yeni kod alabilirsiniz; sonraki kodlar için bekleme uzar. Çok fazla yanlış koddan sonra { $lockout } beklemeniz gerekebilir.
help-weaker = SMS, geçiş anahtarından veya uygulamadan daha az güvenlidir: mesajlar başkalarınca okunabilir, numaralar ele geçirilebilir. Kodu kimseyle paylaşmayın, bizimle bile.
help-address = Kodları yalnızca { $host } adresinde isteriz. Başka hiçbir yere girmeyin.
help-other-way = Başka bir giriş yöntemi için destek al

# The account
account-title = Hesabınız
account-heading = Oturumunuz açık
account-number = Telefon numarası
account-identifier = Kullanıcı
account-since = Oturum başlangıcı
account-ends = Oturum bitişi
account-idle = { $time } işlem yapmazsanız daha erken.
sign-out-button = Çıkış yap
new-browser-heading = Bu tarayıcıdan ilk giriş
new-browser-text = Aşağıda size ait olmayan bir tarayıcı görürseniz oturumunu kapatın.
new-device-heading = Yeni bir tarayıcıdan giriş
new-device-text = { $device }, { $time }.
new-device-advice = Bu siz değilseniz aşağıdan diğer tüm oturumları kapatın ve destek ekibine başvurun.
absent-heading = Tekrar hoş geldiniz
absent-text = Önceki girişiniz: { $time }. Şu anda giriş yapan siz değilseniz aşağıdan diğer tüm oturumları kapatın.
sessions-heading = Açık oturumlarınız
session-on = { $browser } ({ $system })
session-unknown = Bilinmeyen tarayıcı
session-current = Bu tarayıcı
session-seen = Son etkinlik: { $time }
session-since = Giriş: { $time }
session-end = Oturumu kapat
sessions-others = Diğer tümünü kapat
idle-heading = Hâlâ orada mısınız?
idle-text = Oturumunuzu { $time } sonra kapatacağız.
idle-at = İşlem yapmazsanız oturumunuzun kapanacağı zaman: { $time }.
idle-button = Oturum açık kalsın

# Sign out
sign-out-title = Çıkış yap
sign-out-heading = Çıkış yapılsın mı?
sign-out-lead = Yeniden giriş yapmak için yeni bir kod gerekir.
sign-out-back = Oturum açık kalsın
signed-out-title = Çıkış yapıldı
signed-out-heading = Çıkış yapıldı
signed-out-lead = Bu tarayıcıda açık oturum yok.
signed-out-button = Giriş sayfasına dön

# Elsewhere
not-found-title = Sayfa bulunamadı
not-found-lead = Bu adreste bir şey yok. Adresi kontrol edin veya baştan başlayın.
start-button = Ana sayfaya dön
failure-title = Bir sorun oluştu
failure-refused = Bunu kabul edemedik
failure-unreadable = Bunu okuyamadık
failure-wait = Lütfen biraz bekleyin
failure-unavailable = Bu şu anda yapılamıyor
failure-reference = Destek ekibine başvurursanız şu numarayı belirtin:
ticket-error-used = Tekrar deneyelim
ticket-error-used-lead = Bu bağlantı yalnızca bir kez, yarım dakika içinde ve tek bir tarayıcıda çalışır. Hiçbir şey kaybolmadı.
ticket-error-no-cookie = Çerezlere izin verin
ticket-error-no-cookie-lead = Tarayıcınız, burada giriş yapmanızı sağlayan çerezi saklamadı. Bu site için çerezlere izin verin ve tekrar deneyin.

# Why not
refusal-unreadable = Gönderdiğinizi okuyamadık. Lütfen tekrar deneyin.
refusal-too-large = Bu çok uzun. Kısaltıp tekrar deneyin.
refusal-malformed = Bir şey eksik. Alanı doldurup tekrar deneyin.
refusal-invalid-phone = Bu, eksiksiz bir telefon numarasına benzemiyor. Ülkeyi ve rakamları kontrol edin.
refusal-invalid-email = Bu, eksiksiz bir e-posta adresine benzemiyor. Kontrol edip tekrar deneyin.
refusal-invalid-identifier = Bu eksik görünüyor. Kontrol edip tekrar deneyin.
refusal-confirm-number = { $number } doğru mu? Doğruysa numarayı tekrar gönderin. Değilse düzeltin.
refusal-confirm-number-plain = Numara doğru mu? Doğruysa tekrar gönderin. Değilse düzeltin.
refusal-country-not-served = Bu tür numaralara SMS gönderemiyoruz. Listedeki bir ülkeden cep telefonu numarası kullanın.
refusal-channel-not-offered = Kodlar burada bu yolla gelmiyor. SMS ile yeni bir kod alın.
refusal-invalid-code-format = Mesajdaki kodun bütün rakamlarını girin.
refusal-code-refused = Bu kod işe yaramadı. Kodu kontrol edin veya yeni bir kod alın.
refusal-not-signed-in = Oturumunuz kapalı. Devam etmek için giriş yapın.
refusal-flow-expired = Kodun süresi doldu. Yeni bir kod alın.
refusal-no-flow = Çok fazla zaman geçti. Lütfen baştan başlayın.
refusal-stale-flow = Bu tarayıcıda daha yeni bir giriş başlattınız, bu yüzden önceki için hiçbir şeyi kontrol etmedik veya göndermedik. En yeni kodu kullanın veya baştan başlayın.
refusal-cookies-blocked = Tarayıcınız bu sayfanın çerezini saklamadı, bu yüzden hiçbir şey gönderilmedi. Bu site için çerezlere izin verin ve tekrar deneyin.
refusal-cross-origin = Bu istek başka bir adresten geldi. Giriş sayfasını açıp tekrar deneyin.
refusal-forbidden = Hesabınızın bu sayfaya erişimi yok. Olması gerekiyorsa bu uygulamanın destek ekibine başvurun.
refusal-slow-down = Güvenlik nedeniyle kodlar art arda yalnızca birkaç kez gönderilebilir ve denenebilir. Lütfen { $time } bekleyip tekrar deneyin.
refusal-slow-down-plain = Güvenlik nedeniyle kodlar art arda yalnızca birkaç kez gönderilebilir ve denenebilir. Lütfen biraz bekleyip tekrar deneyin.
slow-down-network = Ağınızdan çok sayıda istek geldi.
slow-down-country = Bu ülkeye veya bölgeye çok sayıda kod gönderildi.
slow-down-service = Şu anda çok fazla kod gönderiyoruz.
slow-down-resend = Zaten bir kod istediniz.
slow-down-repeated = Bu işlem kısa sürede birkaç kez yapıldı.
slow-down-wait = Lütfen { $time } bekleyip tekrar deneyin.
refusal-unavailable = Sorun bizden kaynaklanıyor, hiçbir şey kaybolmadı. Lütfen { $time } sonra tekrar deneyin.
refusal-unavailable-plain = Sorun bizden kaynaklanıyor, hiçbir şey kaybolmadı. Lütfen birkaç dakika sonra tekrar deneyin.
refusal-network = Hizmete ulaşamadık. Bağlantınızı kontrol edip tekrar deneyin.
refusal-timeout = Hizmet zamanında yanıt vermedi. Bağlantınızı kontrol edip tekrar deneyin.

# Time
seconds = { $count ->
    [one] { $count } saniye
   *[other] { $count } saniye
}
minutes = { $count ->
    [one] { $count } dakika
   *[other] { $count } dakika
}
hours = { $count ->
    [one] { $count } saat
   *[other] { $count } saat
}
days = { $count ->
    [one] { $count } gün
   *[other] { $count } gün
}
date = { $day } { $month } { $year } { $clock } UTC
month-1 = Ocak
month-2 = Şubat
month-3 = Mart
month-4 = Nisan
month-5 = Mayıs
month-6 = Haziran
month-7 = Temmuz
month-8 = Ağustos
month-9 = Eylül
month-10 = Ekim
month-11 = Kasım
month-12 = Aralık

# The text message. GSM-7 characters where the language allows.
message = { $app } kodunuz: { $otp }. Kodu kimseye vermeyin.
