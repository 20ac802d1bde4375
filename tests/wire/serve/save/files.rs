//! The files of `--save-dir`, and what is too much to be saved.

use super::*;

#[tokio::test]
async fn files_are_written_and_never_overwritten() {
    let folder = Folder::new("files");
    let server =
        lostkey::Server::builder().clock(ServeClock::Manual).save_dir(folder.path().join("kept")).start();
    let rig =
        Rig { server: server.await.unwrap(), client: reqwest::Client::builder().no_proxy().build().unwrap() };
    for (body, name) in [("one", "served"), ("two", "served-2")] {
        rig.rest("POST", "Messages.json", &text(PHONE, body)).await;
        rig.advance("1m").await;
        for _ in 0..2 {
            let saved = rig.post("/save", json!({})).await;
            assert_eq!(saved["name"], name);
            let path = saved["files"][0].as_str().unwrap();
            assert_eq!(std::fs::read_to_string(path).unwrap(), saved["story"].as_str().unwrap());
        }
    }
    let kept = folder.path().join("kept");
    let output = lostkey(&kept, &["run", ".", "--scenarios", ".", "--stage", "both"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 4);
}

#[tokio::test]
async fn too_much_is_an_error_until_a_reset() {
    let rig = Rig::start(ServeClock::Manual).await;
    for name in ["", "..", "a/b", "a b"] {
        let (status, told) = rig.control("POST", "/save", &json!({ "name": name })).await;
        assert!(status == 400 && told["error"].as_str().unwrap().contains("`name`"), "{name}: {told}");
    }
    let long = "x".repeat(1_500);
    for _ in 0..(lostkey::wire::logbook::BYTES_MAX / 1_500) {
        assert_eq!(rig.rest("POST", "Messages.json", &text(PHONE, &long)).await.0, 201);
    }
    let (status, told) = rig.control("POST", "/save", &json!({})).await;
    assert!(status == 507 && told["error"].as_str().unwrap().contains("reset"), "{status} {told}");
    rig.post("/reset", json!({})).await;
    rig.rest("POST", "Messages.json", &text(PHONE, "short")).await;
    rig.advance("1m").await;
    assert_eq!(save(&rig, "/save", "short").await["left_out"], json!([]));
}
