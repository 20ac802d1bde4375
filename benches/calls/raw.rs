//! The side of the loop: a provider that answers with a constant, and a client that sends recorded webhooks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use tokio::task::JoinSet;

use crate::app::{App, Asked, serve};
use crate::served::{client, create, form, path};
use crate::{Case, Failed, Measured, measure};

pub(crate) struct Side {
    case: Case,
    provider: SocketAddr,
    _server: JoinSet<()>,
    /// The client that orders, and the one that sends webhooks.
    orders: Client,
    webhooks: Client,
    replay: Vec<Asked>,
}

impl Side {
    pub(crate) async fn start(
        case: Case,
        app: &Arc<App>,
        (answer, mut replay): (Vec<u8>, Vec<Asked>),
    ) -> Result<Arc<Self>, Failed> {
        let answer = Arc::new(Bytes::from(answer));
        let (provider, server) = serve(Router::new().fallback(taken).with_state(answer)).await?;
        for asked in &mut replay {
            // The client writes these itself.
            asked.headers.remove(header::HOST);
            asked.headers.remove(header::CONTENT_LENGTH);
        }
        let (orders, webhooks) = (client(case.keeps_connections)?, client(case.keeps_connections)?);
        let side = Self { case, provider, _server: server, orders, webhooks, replay };
        for worker in 0..case.workers {
            side.order(app, worker).await?;
        }
        Ok(Arc::new(side))
    }

    async fn order(&self, app: &App, worker: usize) -> Result<Duration, Failed> {
        app.begins(worker);
        let url = format!("http://{}{}", self.provider, path(self.case.order));
        create(&self.orders, &url, form(self.case.order, app, worker)).await?;
        for Asked { path, headers, body } in &self.replay {
            let url =
                if path.starts_with("/status/") { app.url(&App::status_path(worker)) } else { app.url(path) };
            let request = self.webhooks.post(url).headers(headers.clone()).body(body.clone());
            request.send().await?.bytes().await?;
        }
        app.ends(worker).await
    }

    pub(crate) async fn measure(self: &Arc<Self>, app: &Arc<App>) -> Result<Measured, Failed> {
        measure(self.case, app, |worker| {
            let (side, app) = (Arc::clone(self), Arc::clone(app));
            async move { side.order(&app, worker).await }
        })
        .await
    }
}

async fn taken(State(answer): State<Arc<Bytes>>, _form: Bytes) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (StatusCode::CREATED, kind, Bytes::clone(&answer)).into_response()
}
