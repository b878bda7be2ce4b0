const connect = () => {
  const socket = new WebSocket(`ws://${location.hostname}:${port}/live_reload`);
  socket.onmessage = ({ data }) => {
    const { all, css } = JSON.parse(data);
    if (all) location.reload();
    for (const link of css ? document.querySelectorAll("link[rel=stylesheet]") : []) {
      link.href = `/${css}?version=${performance.now()}`;
    }
  };
  socket.onclose = () => setTimeout(connect, 1000);
};
connect();
