# Address: आप. Verbs that agree with an object or are impersonal, so that they fit every reader.

# Every page
skip = मुख्य सामग्री पर जाएँ
help = सहायता
privacy = निजता
terms = उपयोग की शर्तें
error-title = गड़बड़ी: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = भाषा:

# Who are you
sign-in-title = साइन इन करें
sign-in-heading = अपना फ़ोन नंबर डालें
sign-in-heading-email = अपना ईमेल पता डालें
sign-in-heading-user-id = अपना यूज़र आईडी डालें
sign-in-heading-username = अपना यूज़रनेम डालें
sign-in-lead = साइन इन करने के लिए हम आपको SMS से एक कोड भेजेंगे।
identifier-lead = हम आपकी प्रोफ़ाइल में दिए गए फ़ोन नंबर पर SMS से एक कोड भेजेंगे।
signed-out-expired = आपके सेशन का समय खत्म हो गया, इसलिए आपको साइन आउट कर दिया गया।
signed-out-too-many-sessions = आपका खाता पहले से उतने डिवाइसों पर खुला है जितने एक साथ चल सकते हैं, इसलिए यहाँ से आपको साइन आउट कर दिया गया।
signed-out-revoked = आपको किसी दूसरे ब्राउज़र से यहाँ साइन आउट किया गया।
signed-out-by-operator = किसी एडमिन ने आपको साइन आउट कर दिया।
signed-out-other = अब आप साइन इन नहीं हैं।
code-too-old = आप साइन इन हैं, लेकिन इस पेज के लिए पहले एक नया कोड चाहिए।
code-not-by-sms = आप साइन इन हैं, लेकिन इस पेज के लिए पहले SMS से मिला कोड चाहिए।
phone-label = फ़ोन नंबर
country-label = देश या देश का कोड
country-choose = देश
phone-hint = उदाहरण: { $example }। दूसरे देशों के लिए + और देश के कोड से शुरू करें।
phone-hint-plain = अगर आपका देश सूची में नहीं है, तो + और देश के कोड से शुरू करें।
email-label = ईमेल पता
user-id-label = यूज़र आईडी
username-label = यूज़रनेम
identifier-label = साइन इन आईडी
stay-label = साइन इन रहें
stay-hint = सिर्फ़ अपने डिवाइस पर।
send-button = कोड भेजें
sending = भेजा जा रहा है…
sign-in-new = { $brand } पर पहली बार?
sign-in-new-link = खाता बनाएँ

# Sign up
sign-up-title = खाता बनाएँ
sign-up-heading = अपना खाता बनाएँ
sign-up-lead = बस एक फ़ोन नंबर चाहिए। उसकी पुष्टि के लिए हम SMS से एक कोड भेजेंगे।
name-label = नाम (वैकल्पिक)
sign-up-have = पहले से खाता है?
sign-up-have-link = साइन इन करें

# The code
code-title = कोड डालें
code-heading = कोड डालें
code-lead = { $length } अंकों का कोड SMS से इस नंबर पर आएगा: { $to }।
code-lead-other = { $length } अंकों का कोड SMS से { $to } के फ़ोन पर आएगा।
code-lead-email = { $length } अंकों का कोड ईमेल से आएगा, अगर आपके खाते में ईमेल पता है।
number-ending = { $digits } पर खत्म होने वाला नंबर
mask-hidden = छिपे हुए वर्ण
code-label = कोड
code-button = साइन इन करें
checking = जाँच हो रही है…
valid-for = कोड के लिए बचा समय: { $time }
    .case-time = direct
resent = नया कोड भेजा जा रहा है। पुराने कोड अब काम नहीं करेंगे।
resent-email = अगर ईमेल से कोड आता है, तो पुराने कोड काम नहीं करेंगे।
expired-heading = कोड का समय खत्म हो गया
expired-lead = कोड थोड़े समय के लिए ही चलते हैं। नया कोड लें: { $to }।
expired-lead-other = कोड थोड़े समय तक ही काम करते हैं। { $to } के फ़ोन पर नया कोड लें।
resend-question = कोड नहीं मिला?
resend-button = नया कोड भेजें
resend-button-sms = SMS से नया कोड भेजें
resend-wait = नया कोड { $time } बाद मिल सकता है।
resend-ready = अब नया कोड मिल सकता है।
email-button = इसके बजाय कोड ईमेल से पाएँ
other-number = दूसरा नंबर इस्तेमाल करें
other-identifier = फिर से शुरू करें
blocked-heading = बहुत ज़्यादा कोशिशें हुईं
blocked-lead = आपके खाते की सुरक्षा के लिए कृपया { $time } तक इंतज़ार करें।
blocked-button = फिर कोशिश करें
tries-left = { $count ->
    [0] अब कोई कोशिश नहीं बची है।
    [one] आपके पास { $count } कोशिश बची है।
   *[other] आपके पास { $count } कोशिशें बची हैं।
}
code-help = कोड के बारे में सहायता
help-number = ऊपर दिया नंबर जाँचें। हम कोड सिर्फ़ उन नंबरों पर भेजते हैं जिनका खाता है।
help-number-sign-up = ऊपर दिया नंबर जाँचें। हम कोड सिर्फ़ इसी नंबर पर भेजते हैं।
help-identifier = आपने जो लिखा है उसे जाँचें। हम कोड सिर्फ़ खाते में सहेजे गए फ़ोन नंबर पर भेजते हैं।
help-wait = SMS आने में एक-दो मिनट लग सकते हैं। देखें कि नेटवर्क आ रहा है और फ़ोन अनजान भेजने वालों को ब्लॉक तो नहीं करता।
help-email = SMS नहीं आया? कोड ईमेल से भी मिल सकता है। हम इसे सिर्फ़ खाते में दर्ज पते पर भेजते हैं। स्पैम फ़ोल्डर भी देखें। जो भी उस मेलबॉक्स को पढ़ सकता है, वह साइन इन कर सकता है।
help-limits = कोड { $lifetime } तक चलता है और { $tries ->
    [one] { $tries } बार डाला जा सकता है
   *[other] ज़्यादा से ज़्यादा { $tries } बार डाला जा सकता है
}। नया कोड { $cooldown } बाद मिल सकता है; उसके बाद के कोड के लिए ज़्यादा इंतज़ार करना होता है। बहुत सारे गलत कोड डालने पर शायद { $lockout } तक इंतज़ार करना पड़े।
help-weaker = SMS, पासकी या ऐप जितना सुरक्षित नहीं है: मैसेज बीच में पढ़े जा सकते हैं और नंबर हथियाए जा सकते हैं। कोड किसी को न बताएँ, हमें भी नहीं।
help-address = हम कोड सिर्फ़ { $host } पर माँगते हैं। उसे कहीं और न डालें।
help-other-way = साइन इन के दूसरे तरीके के बारे में पूछें

# The account
account-title = आपका खाता
account-heading = आप साइन इन हैं
account-number = फ़ोन नंबर
account-identifier = इस आईडी से साइन इन
account-since = साइन इन का समय
account-ends = सेशन खत्म होगा
account-idle = { $time } तक कोई गतिविधि न होने पर इससे पहले।
sign-out-button = साइन आउट करें
new-browser-heading = इस ब्राउज़र से पहला साइन इन
new-browser-text = अगर नीचे कोई ऐसा ब्राउज़र दिखे जो आपका नहीं है, तो उसे साइन आउट करें।
new-device-heading = नए ब्राउज़र से साइन इन हुआ
new-device-text = { $device }, { $time }
new-device-advice = अगर यह साइन इन आपने नहीं किया, तो नीचे बाकी सभी ब्राउज़र साइन आउट करें और सहायता टीम से संपर्क करें।
absent-heading = फिर से स्वागत है
absent-text = आपका पिछला साइन इन: { $time }। अगर अभी आपने साइन इन नहीं किया, तो नीचे बाकी सभी ब्राउज़र साइन आउट करें।
sessions-heading = आप कहाँ-कहाँ साइन इन हैं
session-on = { $system } पर { $browser }
session-unknown = अनजान ब्राउज़र
session-current = यह ब्राउज़र
session-seen = पिछली गतिविधि: { $time }
session-since = साइन इन: { $time }
session-end = साइन आउट करें
sessions-others = बाकी सब साइन आउट करें
idle-heading = क्या आप अभी यहाँ हैं?
idle-text = आपको { $time } में साइन आउट कर दिया जाएगा।
idle-at = कोई गतिविधि न होने पर आपको इस समय साइन आउट कर दिया जाएगा: { $time }
idle-button = साइन इन रहें

# Sign out
sign-out-title = साइन आउट करें
sign-out-heading = साइन आउट करना है?
sign-out-lead = दोबारा साइन इन करने के लिए नया कोड चाहिए होगा।
sign-out-back = साइन इन रहें
signed-out-title = साइन आउट हो गया
signed-out-heading = आपका साइन आउट हो गया है
signed-out-lead = इस ब्राउज़र से कोई साइन इन नहीं है।
signed-out-button = साइन इन पर वापस जाएँ

# Elsewhere
not-found-title = पेज नहीं मिला
not-found-lead = इस पते पर कुछ नहीं है। पता जाँचें या फिर से शुरू करें।
start-button = शुरुआती पेज पर जाएँ
failure-title = कुछ गड़बड़ हो गई
failure-refused = हम इसे स्वीकार नहीं कर सके
failure-unreadable = हम इसे पढ़ नहीं सके
failure-wait = कृपया थोड़ा इंतज़ार करें
failure-unavailable = यह अभी नहीं हो सकता
failure-reference = सहायता टीम से संपर्क करें, तो यह नंबर बताएँ:
ticket-error-used = आइए, फिर से कोशिश करें
ticket-error-used-lead = यह लिंक सिर्फ़ एक बार, आधे मिनट के अंदर और एक ही ब्राउज़र में काम करता है। कुछ भी खोया नहीं है।
ticket-error-no-cookie = कृपया कुकी की अनुमति दें
ticket-error-no-cookie-lead = आपके ब्राउज़र ने वह कुकी नहीं रखी जिससे यहाँ साइन इन होता है। इस साइट के लिए कुकी की अनुमति दें, फिर दोबारा कोशिश करें।

# Why not
refusal-unreadable = आपने जो भेजा, हम उसे पढ़ नहीं सके। कृपया फिर कोशिश करें।
refusal-too-large = यह बहुत लंबा है। इसे छोटा करके फिर कोशिश करें।
refusal-malformed = कुछ छूट गया है। फ़ील्ड भरकर फिर कोशिश करें।
refusal-invalid-phone = यह पूरा फ़ोन नंबर नहीं लगता। देश और अंक जाँचें।
refusal-invalid-email = यह ईमेल पता पूरा नहीं लगता। जाँचें और फिर से कोशिश करें।
refusal-invalid-identifier = यह अधूरा लगता है। जाँचकर फिर कोशिश करें।
refusal-confirm-number = क्या { $number } सही है? अगर हाँ, तो इसे फिर से भेजें। अगर नहीं, तो इसे ठीक करें।
refusal-confirm-number-plain = क्या नंबर सही है? अगर हाँ, तो इसे फिर से भेजें। अगर नहीं, तो इसे ठीक करें।
refusal-country-not-served = हम इस तरह के नंबर पर SMS नहीं भेज सकते। सूची में दिए गए किसी देश का मोबाइल नंबर डालें।
refusal-channel-not-offered = यहाँ कोड इस तरह नहीं आते। SMS से नया कोड लें।
refusal-invalid-code-format = संदेश में आए कोड के सभी अंक डालें।
refusal-code-refused = यह कोड काम नहीं आया। इसे जाँचें या नया कोड लें।
refusal-not-signed-in = आप साइन इन नहीं हैं। जारी रखने के लिए साइन इन करें।
refusal-flow-expired = कोड का समय खत्म हो गया। नया कोड लें।
refusal-no-flow = बहुत समय बीत गया है। कृपया फिर से शुरू करें।
refusal-stale-flow = इस ब्राउज़र में आपने एक नया साइन इन शुरू किया है, इसलिए पिछले वाले के लिए हमने न कुछ जाँचा, न भेजा। सबसे नया कोड डालें या फिर से शुरू करें।
refusal-cookies-blocked = आपके ब्राउज़र ने इस पेज की कुकी नहीं रखी, इसलिए कुछ नहीं भेजा गया। इस साइट के लिए कुकी की अनुमति दें, फिर दोबारा कोशिश करें।
refusal-cross-origin = यह अनुरोध किसी दूसरे पते से आया। साइन इन पेज खोलें और फिर कोशिश करें।
refusal-forbidden = आपके खाते को इस पेज का एक्सेस नहीं है। अगर होना चाहिए, तो इस ऐप्लिकेशन की सहायता टीम से संपर्क करें।
refusal-slow-down = सुरक्षा के लिए कोड लगातार कुछ ही बार भेजे और डाले जा सकते हैं। कृपया { $time } तक इंतज़ार करें, फिर कोशिश करें।
refusal-slow-down-plain = सुरक्षा के लिए कोड लगातार कुछ ही बार भेजे और डाले जा सकते हैं। कृपया थोड़ा इंतज़ार करें, फिर कोशिश करें।
slow-down-network = आपके नेटवर्क से बहुत से अनुरोध आए हैं।
slow-down-country = इस देश या क्षेत्र में बहुत से कोड भेजे गए हैं।
slow-down-service = हम इस समय बहुत सारे कोड भेज रहे हैं।
slow-down-resend = आपने कोड पहले ही माँगा है।
slow-down-repeated = यह थोड़े समय में कई बार किया गया है।
slow-down-wait = कृपया { $time } तक इंतज़ार करें, फिर कोशिश करें।
refusal-unavailable = समस्या हमारी तरफ़ है, कुछ भी खोया नहीं है। कृपया { $time } बाद फिर कोशिश करें।
refusal-unavailable-plain = समस्या हमारी तरफ़ है, कुछ भी खोया नहीं है। कृपया कुछ मिनट बाद फिर कोशिश करें।
refusal-network = सेवा से संपर्क नहीं हो सका। अपना कनेक्शन जाँचें और फिर कोशिश करें।
refusal-timeout = सेवा ने समय पर जवाब नहीं दिया। अपना कनेक्शन जाँचें और फिर कोशिश करें।

# Time
seconds = { $count ->
    [one] { $count } सेकंड
   *[other] { $count } सेकंड
}
minutes = { $count ->
    [one] { $count } मिनट
   *[other] { $count } मिनट
}
hours = { $count ->
    [one] { $count } घंटे
   *[other] { $count } घंटे
}
    .direct = { $count ->
        [one] { $count } घंटा
       *[other] { $count } घंटे
    }
days = { $count ->
    [one] { $count } दिन
   *[other] { $count } दिन
}
date = { $day } { $month } { $year }, { $clock } UTC
month-1 = जनवरी
month-2 = फ़रवरी
month-3 = मार्च
month-4 = अप्रैल
month-5 = मई
month-6 = जून
month-7 = जुलाई
month-8 = अगस्त
month-9 = सितंबर
month-10 = अक्टूबर
month-11 = नवंबर
month-12 = दिसंबर

# The text message. GSM-7 characters where the language allows.
message = { $app } कोड: { $otp }। इसे किसी को न बताएँ।
