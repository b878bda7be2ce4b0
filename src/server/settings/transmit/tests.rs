use crate::domain::timestamp::Timestamp;
use crate::server::settings::load;

#[test]
fn other_issuers_are_distinct_urls() {
    let errors = |others: &str| {
        let variables = [
            ("REGION", "us"),
            ("CLIENT_ID", "a"),
            ("CLIENT_SECRET", "b"),
            ("TENANT_ID", "t"),
            ("OTHER_ISSUERS", others),
        ];
        let variables =
            variables.map(|(name, value)| (format!("LATCHKEY_TRANSMIT__{name}"), value.to_owned()));
        let settings = load(None, variables.into_iter()).unwrap();
        let all = settings
            .validate(Timestamp::default())
            .into_iter()
            .map(|error| error.to_string());
        all.filter(|text| text.contains("transmit.other_issuers"))
            .collect::<Vec<_>>()
    };
    for valid in [
        "",
        "https://acme.app.transmitsecurity.io",
        "https://a.example,https://b.example/x",
        "http://127.0.0.1:4100",
    ] {
        assert_eq!(errors(valid), Vec::<String>::new(), "{valid}");
    }
    for (invalid, why) in [
        ("userid.security", "https URL"),
        ("http://a.example", "https URL"),
        ("https://a.example?x=1", "https URL"),
        ("https://a.example#x", "https URL"),
        ("https://a b.example", "https URL"),
        ("mailto:a@a.example", "https URL"),
        ("https://userid.security", "is transmit.issuer"),
        ("https://a.example,https://a.example", "is listed twice"),
    ] {
        let errors = errors(invalid);
        assert_eq!(errors.len(), 1, "{invalid}: {errors:?}");
        assert!(errors[0].contains(why), "{invalid}: {errors:?}");
    }
}

#[test]
fn t3_a_tenant_id_is_required_where_tenants_share_the_issuer() {
    let keys = |variables: &[(&str, &str)]| {
        let base = [("CLIENT_ID", "a"), ("CLIENT_SECRET", "b")];
        let variables = base.iter().chain(variables);
        let variables = variables
            .map(|(name, value)| (format!("LATCHKEY_TRANSMIT__{name}"), (*value).to_owned()));
        let errors = load(None, variables)
            .unwrap()
            .validate(Timestamp::default());
        assert!(errors.iter().all(|error| {
            error.key == "transmit.tenant_id"
                && (error.text == "is empty" || error.text.contains("latchkey check"))
        }));
        errors.len()
    };
    let (host, own) = (
        "https://api.example",
        "https://acme.app.transmitsecurity.io",
    );
    let jp = "https://jp.userid.security";
    for (needs_tenant, variables) in [
        (true, &[("REGION", "us")][..]),
        (true, &[("REGION", "eu")]),
        (true, &[("REGION", "ca")]),
        (true, &[("REGION", "au")]),
        (
            true,
            &[("BASE_URL", host), ("ISSUER", "https://userid.security")],
        ),
        (true, &[("BASE_URL", host), ("ISSUER", jp)]),
        (
            true,
            &[
                ("REGION", "sbx"),
                ("ISSUER", "https://sbx.userid.security/"),
            ],
        ),
        (
            true,
            &[("REGION", "us"), ("ISSUER", own), ("OTHER_ISSUERS", jp)],
        ),
        (false, &[("REGION", "us"), ("ISSUER", own)]),
        (false, &[("REGION", "sbx"), ("ISSUER", own)]),
        (
            false,
            &[("BASE_URL", host), ("ISSUER", "http://127.0.0.1:4100")],
        ),
        (
            false,
            &[("BASE_URL", host), ("ISSUER", "https://notuserid.security")],
        ),
    ] {
        assert_eq!(keys(variables), usize::from(needs_tenant), "{variables:?}");
        let named = [variables, &[("TENANT_ID", "t-1")]].concat();
        assert_eq!(keys(&named), 0, "{named:?}");
        let empty = [variables, &[("TENANT_ID", " ")]].concat();
        assert_eq!(keys(&empty), 1, "{empty:?}");
    }
}

#[test]
fn every_region_has_its_host_and_issuer() {
    for (name, host, issuer) in [
        (
            "us",
            "https://api.transmitsecurity.io/",
            Some("https://userid.security"),
        ),
        (
            "eu",
            "https://api.eu.transmitsecurity.io/",
            Some("https://eu.userid.security"),
        ),
        (
            "ca",
            "https://api.ca.transmitsecurity.io/",
            Some("https://ca.userid.security"),
        ),
        (
            "au",
            "https://api.au.transmitsecurity.io/",
            Some("https://au.userid.security"),
        ),
        ("sbx", "https://api.sbx.transmitsecurity.io/", None),
    ] {
        let variable = ("LATCHKEY_TRANSMIT__REGION".to_owned(), name.to_owned());
        let transmit = load(None, std::iter::once(variable)).unwrap().transmit;
        assert_eq!(transmit.base_url().unwrap().as_str(), host);
        assert_eq!(transmit.issuer().as_deref(), issuer, "{name}");
        assert_eq!(
            transmit.jwks_url().unwrap().as_str(),
            format!("{host}cis/oidc/jwks")
        );
    }
}
