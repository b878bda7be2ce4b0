//! Measures a product: its start, its first form, and journeys under different loads.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::http_client::{HttpClient, Request};
use super::journey::{self, Steps};
use super::options::{Options, WARM_UP};
use super::process::ServerProcess;
use super::product::{Product, Setting};
use super::products;
use super::text::style_sheets;
use crate::ui::{self, Stopwatch};

/// How many journeys of the warm-up run at once.
const WARM_UP_CONCURRENCY: usize = 8;
/// Starts, of which the median is taken.
const STARTS: usize = 3;
/// How long work may go on after the last answer of a load, such as a call upstream.
const SETTLE: Duration = Duration::from_millis(400);

/// What was measured of a product.
pub struct Profile {
    pub name: String,
    pub versions: String,
    pub started_in: Duration,
    /// Bytes of the page and its style sheets as a browser receives them, with the heads of the
    /// answers. `None` if the product brings no page.
    pub form_bytes: Option<usize>,
    pub megabytes_at_start: f64,
    pub loads: Vec<Load>,
}

/// What was measured at so many concurrent journeys, with upstream so late.
pub struct Load {
    pub concurrency: usize,
    /// In milliseconds.
    pub delay: u64,
    pub journeys: u32,
    pub cpu_milliseconds: f64,
    pub rate: f64,
    pub upstream_calls: f64,
    pub megabytes: f64,
    pub steps: Steps,
}

/// Installs a product and measures it under every load.
pub fn measure(name: &str, setting: &Setting<'_>, options: &Options) -> Result<Profile> {
    let product = products::install(name, setting)?;
    let product = product.as_ref();
    let mut server = product.start_server()?;
    let mut starts = vec![server.started_in];
    while starts.len() < STARTS {
        drop(server);
        server = product.start_server()?;
        starts.push(server.started_in);
    }
    starts.sort_unstable();
    let mut profile = Profile {
        name: name.to_owned(),
        versions: product.versions(),
        started_in: starts.get(STARTS / 2).copied().unwrap_or_default(),
        form_bytes: product
            .has_pages()
            .then(|| form_bytes(product))
            .transpose()?,
        megabytes_at_start: server.megabytes()?,
        loads: Vec::new(),
    };
    let mut numbers = Numbers(0);
    journeys(
        product,
        numbers.take(WARM_UP),
        WARM_UP_CONCURRENCY,
        Duration::MAX,
    )?;
    for &delay in &options.delays {
        product.upstream().set_delay(delay)?;
        for &concurrency in &options.concurrency {
            let numbers = numbers.take(options.journeys);
            let load = measure_load(product, &server, numbers, concurrency, delay, options)?;
            ui::say(&format!(
                "{name}, {concurrency} at once, upstream {delay} ms: {:.2} CPU-ms each, {:.0} a \
                 second, {} journeys",
                load.cpu_milliseconds, load.rate, load.journeys
            ));
            profile.loads.push(load);
        }
    }
    Ok(profile)
}

fn measure_load(
    product: &dyn Product,
    server: &ServerProcess,
    numbers: std::ops::Range<u32>,
    concurrency: usize,
    delay: u64,
    options: &Options,
) -> Result<Load> {
    // Reading the calls may cost the server a request, which is none of a journey.
    let calls = product.upstream().calls()?;
    let cpu = server.cpu_times()?;
    let watch = Stopwatch::start();
    // One after another they are few, so they get twice the time.
    let time = options.seconds * if concurrency == 1 { 2 } else { 1 };
    let (journeys, steps) = journeys(product, numbers, concurrency, time)?;
    let seconds = watch.elapsed().as_secs_f64();
    thread::sleep(SETTLE);
    let count = f64::from(journeys);
    Ok(Load {
        concurrency,
        delay,
        journeys,
        cpu_milliseconds: server.cpu_times()?.since(&cpu).as_secs_f64() * 1000.0 / count,
        rate: count / seconds,
        upstream_calls: (product.upstream().calls()? - calls) / count,
        megabytes: server.megabytes()?,
        steps,
    })
}

/// Numbers of journeys, each of which is used once.
struct Numbers(u32);

impl Numbers {
    fn take(&mut self, count: u32) -> std::ops::Range<u32> {
        let first = self.0;
        self.0 += count;
        first..self.0
    }
}

/// Runs the journeys of these numbers, so many at once, until they end or the time is over. Gives
/// how many were run.
fn journeys(
    product: &dyn Product,
    numbers: std::ops::Range<u32>,
    concurrency: usize,
    time: Duration,
) -> Result<(u32, Steps)> {
    let (next, watch) = (AtomicU32::new(numbers.start), Stopwatch::start());
    let client = || -> Result<(u32, Steps)> {
        let (mut count, mut steps) = (0, Steps::default());
        while watch.elapsed() < time {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                break;
            }
            journey::run(product, number, &mut steps)?;
            count += 1;
        }
        Ok((count, steps))
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..concurrency).map(|_| scope.spawn(client)).collect();
        let (mut count, mut steps) = (0, Steps::default());
        for client in clients {
            let ended = client.join().map_err(|_| anyhow!("a client panicked"))?;
            let (more, times) = ended?;
            count += more;
            steps.merge(times);
        }
        Ok((count, steps))
    })
}

/// What a browser receives until it shows a form that can be used.
fn form_bytes(product: &dyn Product) -> Result<usize> {
    let mut client = HttpClient::new(product.address(), Ipv4Addr::LOCALHOST);
    let page = client
        .send(&Request::get(product.page()))?
        .expect_status(200)?;
    let mut paths = style_sheets(&page.text());
    paths.insert(0, product.page().to_owned());
    // A browser that comes for the first time.
    let mut client = HttpClient::new(product.address(), Ipv4Addr::LOCALHOST);
    let mut bytes = 0;
    for path in paths {
        let request = Request {
            headers: &[("Accept-Encoding", "gzip, deflate, br, zstd")],
            ..Request::get(&path)
        };
        bytes += client.send(&request)?.expect_status(200)?.received;
    }
    Ok(bytes)
}

/// The loads of all products, so that those under the same load follow each other.
pub fn by_load(profiles: &[Profile]) -> Vec<(&Profile, &Load)> {
    let loads = profiles.iter().flat_map(|profile| {
        let loads = profile.loads.iter().enumerate();
        loads.map(move |(place, load)| (place, profile, load))
    });
    let mut loads: Vec<_> = loads.collect();
    // Every product has the same loads, in the same order. The order of products is kept.
    loads.sort_by_key(|(place, ..)| *place);
    loads
        .into_iter()
        .map(|(_, profile, load)| (profile, load))
        .collect()
}

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_taken_twice() {
        let mut numbers = Numbers(0);
        assert_eq!(numbers.take(3), 0..3);
        assert_eq!(numbers.take(2), 3..5);
    }
}
