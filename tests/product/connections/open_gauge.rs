//! The gauges of a listener's connections.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use tokio::io::AsyncWriteExt;

use super::{GET, PATIENCE, Server, read_some};
use crate::support::wait_until;

/// What a gauge of the public listener shows.
fn gauge(recorder: &PrometheusRecorder, name: &str) -> Option<f64> {
    let text = recorder.handle().render();
    let sample = format!("{name}{{listener=\"public\"}} ");
    let value = text.lines().find_map(|line| line.strip_prefix(&sample))?;
    value.parse().ok()
}

#[tokio::test]
async fn l6_connections_are_counted_while_they_are_open_beside_their_limit() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let server = Server::start(10, PATIENCE).await;
    let open = || gauge(&recorder, "latchkey_connections_open");
    let mut held = Vec::new();
    for count in 1..=3 {
        let mut stream = server.connect().await;
        stream.write_all(GET).await.unwrap();
        assert!(read_some(&mut stream).await.ends_with("here"));
        held.push(stream);
        assert_eq!(open(), Some(f64::from(count)));
    }
    assert_eq!(gauge(&recorder, "latchkey_connections_limit"), Some(10.0));
    for left in [2.0, 1.0, 0.0] {
        held.pop();
        wait_until("the end of a connection", async || open() == Some(left)).await;
    }
}
