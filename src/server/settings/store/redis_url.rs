//! Parses a Redis URL: `redis://[user][:password@]host[:port][/database]`, `rediss://` with TLS, or
//! `redis+cluster://host:port,host:port` with some nodes of a Cluster.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::server::settings::Secret;

/// The default port.
const PORT: u16 = 6379;

/// The servers and credentials of a Redis URL.
#[derive(Clone)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct RedisServers {
    /// Host and port: one, or some nodes of a Cluster.
    pub nodes: Vec<(String, u16)>,
    pub cluster: bool,
    pub tls: bool,
    /// The ACL user; none for the default user.
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// The database; a Cluster has only 0.
    pub database: i64,
}

impl fmt::Debug for RedisServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Servers({:?}, cluster: {}, tls: {})",
            self.nodes, self.cluster, self.tls
        )
    }
}

impl RedisServers {
    /// Parses a URL.
    ///
    /// # Errors
    /// A sentence that does not repeat the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("a URL of Redis begins like redis://")?;
        let (cluster, tls) = (scheme.ends_with("+cluster"), scheme.starts_with("rediss"));
        // A password may contain anything but an unescaped slash; what follows the last @ is
        // public.
        let (user, hosts) = rest
            .rsplit_once('@')
            .map_or(("", rest), |(user, hosts)| (user, hosts));
        if hosts.contains(',') && !cluster {
            return Err(
                "names several hosts; only redis+cluster:// and rediss+cluster:// may".to_owned(),
            );
        }
        let (username, password) = credentials(user)?;
        let mut database = 0;
        let nodes = hosts.split(',').map(|host| {
            let (node, found) = node(host)?;
            database = found;
            Ok(node)
        });
        let nodes = nodes.collect::<Result<Vec<_>, String>>()?;
        if let Some((host, port)) = (1..nodes.len()).find_map(|at| {
            let node = nodes.get(at)?;
            nodes
                .iter()
                .take(at)
                .any(|earlier| earlier == node)
                .then_some(node)
        }) {
            return Err(format!("names {host}:{port} twice"));
        }
        if cluster && database != 0 {
            return Err("a Cluster has only database 0".to_owned());
        }
        Ok(Self {
            nodes,
            cluster,
            tls,
            username,
            password,
            database,
        })
    }
}

fn credentials(user: &str) -> Result<(Option<String>, Option<Secret>), String> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text)
            .decode_utf8()
            .map_err(|_| "user or password is not UTF-8".to_owned())?;
        Ok::<_, String>(Some(text.into_owned()).filter(|text| !text.is_empty()))
    };
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    Ok((decoded(name)?, decoded(password)?.map(Secret::new)))
}

/// Parses host and port, and the database.
fn node(text: &str) -> Result<((String, u16), i64), String> {
    let invalid = || format!("`{text}` is no host of Redis, such as redis.internal:6379");
    // A scheme that the parser treats as a web address, so that hosts are checked.
    let url = Url::parse(&format!("http://{text}")).map_err(|_| invalid())?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("`{text}`: options after ? or # are not known here"));
    }
    let host = match url.host().ok_or_else(invalid)? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    // The parser omits port 80 as the default of `http`, so look for it.
    let port = url.port().unwrap_or(
        if text
            .split('/')
            .next()
            .is_some_and(|text| text.ends_with(":80"))
        {
            80
        } else {
            PORT
        },
    );
    let database = match url.path().trim_matches('/') {
        "" => 0,
        number => number
            .parse()
            .ok()
            .filter(|number| *number >= 0)
            .ok_or_else(|| {
                format!(
                    "`{number}` is no database; Redis numbers them from 0, such as redis://host/0"
                )
            })?,
    };
    Ok(((host, port), database))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(url: &str) -> Vec<(String, u16)> {
        RedisServers::parse(url).unwrap().nodes
    }

    #[test]
    fn parses_hosts_ports_and_databases() {
        assert_eq!(
            nodes("redis://redis.internal"),
            [("redis.internal".to_owned(), 6379)]
        );
        assert_eq!(
            nodes("redis://10.0.0.1:7000"),
            [("10.0.0.1".to_owned(), 7000)]
        );
        assert_eq!(
            nodes("redis://10.0.0.1:80/2"),
            [("10.0.0.1".to_owned(), 80)]
        );
        assert_eq!(
            nodes("rediss://[2001:db8::1]:7000/"),
            [("2001:db8::1".to_owned(), 7000)]
        );
        assert_eq!(nodes("redis+cluster://a:1,b:2,c").len(), 3);
        assert_eq!(RedisServers::parse("redis://h/7").unwrap().database, 7);
    }

    #[test]
    fn schemes_select_tls_and_cluster() {
        for (scheme, cluster, tls) in [
            ("redis", false, false),
            ("rediss", false, true),
            ("redis+cluster", true, false),
            ("rediss+cluster", true, true),
        ] {
            let servers = RedisServers::parse(&format!("{scheme}://h:1")).unwrap();
            assert_eq!((servers.cluster, servers.tls), (cluster, tls), "{scheme}");
        }
    }

    #[test]
    fn parses_users_and_passwords() {
        let read = |url: &str| {
            let servers = RedisServers::parse(url).unwrap();
            (
                servers.username,
                servers
                    .password
                    .map(|password| password.expose().to_owned()),
            )
        };
        assert_eq!(read("redis://h"), (None, None));
        assert_eq!(read("redis://:p%40ss@h"), (None, Some("p@ss".to_owned())));
        assert_eq!(
            read("redis://me:p@ss:word@h"),
            (Some("me".to_owned()), Some("p@ss:word".to_owned()))
        );
        assert_eq!(
            read("redis+cluster://me:pass@a:1,b:2"),
            (Some("me".to_owned()), Some("pass".to_owned()))
        );
    }

    #[test]
    fn errors_do_not_show_the_password() {
        for url in [
            "redis://",
            "redis://:hunter2@",
            "redis://:hunter2@a:1,b:2",
            "redis://:hunter2@h:99999",
            "redis://:hunter2@h/x",
            "redis://:hunter2@h/-1",
            "redis+cluster://:hunter2@a:1,,b:2",
            "redis+cluster://:hunter2@a:1/3",
            "rediss://:hunter2@h#insecure",
            "redis://:hunter2@h?protocol=2",
        ] {
            let error = RedisServers::parse(url).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
